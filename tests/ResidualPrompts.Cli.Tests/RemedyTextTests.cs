using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Tests;

/// <summary>The library says what is wrong, this program what to do about it, with its options.</summary>
public sealed class RemedyTextTests
{
    [Fact]
    public void Remedies_stand_behind_the_problem_as_alternatives()
    {
        Says(RunException.Exists("runs/a"), "'runs/a' exists: give --resume to continue, --overwrite to start over, or another --save-name.");
        Says(RunException.OutputExists("out.csv"), "'out.csv' exists: give --resume to continue, --overwrite to start over, or another --output.");
        Says(RunException.DiskFull("runs/a", 5_000_000, 6_000_000),
            "'runs/a' has 5 MB free, but the run needs 6 MB: free some space, or give another --save-dir.");
        Says(RunException.Locked("runs/a", "process 7"), "'runs/a' is in use by process 7: wait for it, or give another --save-name.");
        Says(RunException.OutputIsInput("a.csv"), "'a.csv' is the input itself: give another --output.");
        Says(TaskException.OpenAnswers("record"), "Task record has open answers, no label words to score: give --evaluation generate.");
        Says(TaskException.NeedsData("amazon", "Amazon reviews"),
            "No data of task amazon is bundled: give --data with a folder or a file of Amazon reviews.");
    }

    [Fact]
    public void A_problem_that_has_a_colon_is_a_sentence_of_its_own()
    {
        Says(RunException.DamagedState("run.json", "it is cut"), "run.json is damaged: it is cut. Give --overwrite to start over.");
        Says(RunException.Damaged("run.json", "it is cut"), "run.json is damaged: it is cut. Put the file back, or train the run again.");
        Says(
            RunException.Changed("runs/a", ["seed"]),
            "'runs/a' was begun with other settings: seed changed. Resume with the settings of run.json, give --overwrite to start over, or another "
                + "--save-name.");
        var identity = new BackboneIdentity("t5-nano", null, new string('0', 64), new string('1', 64), 64);
        Says(AdapterException.AnotherBackbone("a", identity, "b", ["x"]),
            "The prompt 'a' was trained on t5-nano; the model 'b' is another one: expected x. Use the model that it was trained on, or give "
            + "--allow-mismatch to use it anyway.");
    }

    [Fact]
    public void A_download_is_a_command()
    {
        Says(
            CatalogException.NoData("a/b", "main", [], "cache"),
            $"No data 'a/b': it is not a bundled data set (none is bundled here), there is no folder or file '{Path.GetFullPath("a/b")}', and the "
                + $"hub's cache 'cache' does not hold it at 'main'. Download it while online: hub download a/b --data-set.");
        RemedyText.Of(CatalogException.NoModel("a/b", "v1", [], "cache"))
            .Should().EndWith(" Download it while online: hub download a/b --revision v1.");
    }

    [Fact]
    public void Settings_are_called_by_their_options()
    {
        Says(RunSpecException.Of(new RunSpec { Task = "subj", SaveName = "a", Epochs = 0, BatchSize = 0 }.Validate()),
            "--epochs is 0, expected 1 to 1000000.\n--batch-size is 0, expected 1 to 65536.");
        RemedyText.Of(new WarningRaised(1, 1, TrainingSymptom.MajorityCollapse,
            "try another learning_rate, prompt_init label-words, or set skip to true")
        {
            Remedies = [new("learning_rate"), new("prompt_init", "label-words"), new("skip", "true")],
        }).Should().Be("try another --learning-rate, --prompt-init label-words, or set skip to true");
        RemedyText.Of(new WarningRaised(0, 0, TrainingSymptom.InertSetting, "skip has no effect without a network")
        {
            Remedies = [new("skip", Hint: "its default")],
        }).Should().Be("--no-skip has no effect without a network");
    }

    [Fact]
    public void Every_kind_of_remedy_has_words()
    {
        var remedies = typeof(Remedy).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(Remedy))).ToList();
        remedies.Should().HaveCountGreaterThan(4);
        foreach (var type in remedies)
        {
            var arguments = type.GetConstructors().Single().GetParameters()
                .Select(parameter => parameter.ParameterType == typeof(bool) ? (object)false : "name").ToArray();
            RemedyText.Of(new Problem((Remedy)Activator.CreateInstance(type, arguments)!)).Should().StartWith("Something is wrong").And.EndWith(".")
                .And.NotBe("Something is wrong.");
        }
    }

    private static void Says(InputException exception, string text) => RemedyText.Of(exception).Should().Be(text);

    private sealed class Problem : InputException
    {
        internal Problem(Remedy remedy)
            : base(ProblemKind.Invalid, "Something is wrong.") => Remedies = [remedy];
    }
}

using System.Text.Json;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs.Planning;

/// <summary>What is known before the first step is said before it, and no model is needed to know it.</summary>
public sealed class StartWarningsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RunSpec Own => new()
    {
        Data = _folder.Path,
        Template = "{text}",
        LabelWords = "0=bad,1=good",
        Model = _folder.File("no model is read"),
        SaveDir = _folder.File("runs"),
        SaveName = "run",
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ordinary_rows_and_settings_say_nothing()
    {
        Write("train.csv", 20, 20);
        Write("dev.csv", 10, 10);
        Warnings(Own with { FewShot = 16 }).Should().BeEmpty();
    }

    [Fact]
    public void A_class_smaller_than_few_shot_is_named_with_what_there_is()
    {
        Write("train.csv", 20, 3);
        Write("dev.csv", 10, 10);
        var warning = Warnings(Own with { FewShot = 16 }).Should().ContainSingle().Which;
        (warning.Symptom, warning.Step, warning.Epoch).Should().Be((TrainingSymptom.SmallClass, 0, 0));
        warning.Message.Should().Be("few_shot: Class 'good' has 3 rows, 16 were asked for: all are taken.");
        warning.Remedies.Should().Equal(new Remedy.SetSetting("few_shot", Hint: "at most 3"));
    }

    [Fact]
    public void Rows_too_few_to_hold_any_out_are_said()
    {
        Write("train.csv", 1, 1);
        Warnings(Own).Select(warning => warning.Symptom).Should().Equal(TrainingSymptom.NoValidationRows);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(9, true)]
    [InlineData(10, false)]
    public void Few_validation_rows_choose_by_chance(int count, bool warns)
    {
        Write("train.csv", 20, 20);
        Write("validation.csv", count - (count / 2), count / 2);
        Warnings(Own).Any(warning => warning.Symptom == TrainingSymptom.FewValidationRows).Should().Be(warns);
        Warnings(Own with { Release = ReleasedState.Last }).Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, "release")]
    [InlineData(true, "release,validation_fraction")]
    public void Only_held_out_rows_can_be_more(bool heldOut, string remedies)
    {
        Write("train.csv", 10, 10);
        if (!heldOut)
            Write("validation.csv", 1, 1);
        var warning = Warnings(Own).Should().ContainSingle().Which;
        string.Join(',', warning.Remedies.Select(remedy => remedy.Name)).Should().Be(remedies);
        warning.Remedies.Should().OnlyContain(remedy => warning.Message.Contains(remedy.Name));
    }

    [Fact]
    public void One_class_only_is_said_unless_the_task_means_it()
    {
        Write("train.csv", 40);
        Write("dev.csv", 10, 10);
        var warning = Warnings(Own).Should().ContainSingle().Which;
        warning.Symptom.Should().Be(TrainingSymptom.OneClass);
        warning.Message.Should().StartWith("all 40 training rows have the label 'bad'");
        Warnings(new RunSpec { Task = "wsc", SaveName = "run" }).Should().BeEmpty();
    }

    [Theory]
    [InlineData("dev_subsample.jsonl", true)]
    [InlineData("validation.txt", true)]
    [InlineData("README.md", false)]
    [InlineData(".train.csv", false)]
    public void A_file_that_looks_like_data_and_is_not_read_is_named(string name, bool warns)
    {
        Write("train.csv", 20, 20);
        Write("dev.csv", 10, 10);
        _folder.Write(name, "x");
        var unread = Warnings(Own).Where(warning => warning.Symptom == TrainingSymptom.UnreadFile).ToArray();
        unread.Length.Should().Be(warns ? 1 : 0);
        unread.Should().OnlyContain(warning => warning.Message.StartsWith($"{name} in {_folder.Path} is not read:"));
    }

    [Fact]
    public void Settings_that_act_on_nothing_are_named_with_the_reason()
    {
        Write("train.csv", 20, 20);
        Write("dev.csv", 10, 10);
        Warnings(Own with { BottleneckSize = 5, ValidationFraction = 0.2, Revision = "v1" }).Select(warning => warning.Message).Should().Equal(
            "revision has no effect with a model that is not of the hub",
            "bottleneck_size has no effect without reparameterization mlp, mlp2 or mlp2-tied",
            "validation_fraction has no effect with data that has a validation split");
    }

    [Fact]
    public void A_test_score_without_a_test_split_is_refused_before_a_model_is_looked_for()
    {
        Write("train.csv", 20, 20);
        Write("dev.csv", 10, 10);
        var refused = Refusal(Own with { Test = true });
        refused.Message.Should().Be($"test has nothing to score: {_folder.Path} has no test split.");
        refused.Remedies.OfType<Remedy.SetSetting>().Select(remedy => remedy.Name).Should().Equal("test_from_validation", "validation_from_train");
    }

    [Theory]
    [InlineData("train.csv", "{text} {titel}", null, "*train.csv, line 2: no field 'titel'; the row has 'text', 'label'")]
    [InlineData("train.csv", "{text}", "stars", "*train.csv, line 2: no field 'stars'; the row has 'text', 'label'")]
    [InlineData("dev.csv", "{text} {title}", null, "*dev.csv, line 2: no field 'title'; the row has 'text', 'label'")]
    [InlineData("test.csv", "{text} {title}", null, "*test.csv, line 2: no field 'title'; the row has 'text', 'label'")]
    public void A_field_that_the_rows_lack_is_named_before_a_model_is_looked_for(string name, string template, string? field, string message)
    {
        foreach (var split in new[] { "train.csv", "dev.csv", "test.csv" })
        {
            var hasTitle = split != name;
            var rows = string.Concat(Enumerable.Range(0, 20).Select(i => $"{(hasTitle ? "t," : "")}row {i},{i % 2}\n"));
            _folder.Write(split, $"{(hasTitle ? "title," : "")}text,label\n{rows}");
        }

        FluentActions.Invoking(() => TrainingRun.Train(Own with { Template = template, LabelField = field, Test = true }))
            .Should().Throw<DataException>().WithMessage(message);
        Directory.Exists(Own.Directory).Should().BeFalse();
    }

    [Fact]
    public void Patience_without_validation_rows_is_refused()
    {
        Write("train.csv", 20, 20);
        Refusal(Own with { Patience = 2, ValidationFraction = 0 }).Remedies.Should()
            .Equal(new Remedy.SetSetting("validation_fraction", Hint: "a share above 0"));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("0", false)]
    public void Test_rows_without_labels_are_known(string label, bool isUnlabeled)
    {
        Write("train.csv", 20, 20);
        _folder.Write("test.csv", $"text,label\na,{label}\nb,\n");
        RunRows.Load(Own).IsTestUnlabeled.Should().Be(isUnlabeled);
    }

    [Fact]
    public void The_record_and_the_observer_of_a_run_have_the_same_warnings()
    {
        var spec = TinyRun.Spec(_folder) with { Data = TinyFolder.WriteRows(_folder, train: 8, validation: 2), BottleneckSize = 7 };
        IReadOnlyList<WarningRaised> told = [];
        TinyRun.Train(spec, observer: new RunObserver(start => told = start.Warnings));
        told.Select(warning => warning.Symptom).Should().Equal(TrainingSymptom.FewValidationRows, TrainingSymptom.InertSetting);
        var record = JsonDocument.Parse(File.ReadAllText(_folder.File("run/run.json"))).RootElement;
        var written = record.GetProperty("warnings").EnumerateArray().ToArray();
        written.Select(warning => warning.GetProperty("message").GetString()).Should().Equal(told.Select(warning => warning.Message));
        written[0].GetProperty("remedies")[0].GetProperty("name").GetString().Should().Be("release");
        record.GetProperty("spec").GetProperty("bottleneck_size").ValueKind.Should().Be(JsonValueKind.Null);
        TinyRun.Train(spec with { BottleneckSize = 9 }, RunMode.Resume).Notes.Should().BeEmpty(); // no other run than the finished one
    }

    private IReadOnlyList<WarningRaised> Warnings(RunSpec spec) => StartWarnings.Of(spec, RunRows.Load(spec));

    private static RunSpecException Refusal(RunSpec spec) =>
        FluentActions.Invoking(() => TrainingRun.Train(spec)).Should().Throw<RunSpecException>().Which;

    private void Write(string name, params int[] classes)
    {
        var rows = classes.SelectMany((count, label) => Enumerable.Range(0, count).Select(i => $"row {i} of {label},{label}"));
        _folder.Write(name, $"text,label\n{string.Join('\n', rows)}\n");
    }
}

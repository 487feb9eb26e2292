using System.Globalization;
using System.Text.Json.Nodes;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.CultureTests;

public sealed class SettingTests
{
    public static TheoryData<string> Cultures => Culture.All;

    [Theory]
    [MemberData(nameof(Cultures))]
    public void A_prompt_initialization_has_a_point_in_every_culture(string name)
    {
        using var culture = Culture.Of(name);
        PromptInit.Parse("uniform:0.5").Rows.Should().Be(new StartRows.Uniform(0.5));
        PromptInit.Uniform(0.25).ToString().Should().Be("uniform:0.25");
        PromptInit.Uniform(1e-7).Rows.Should().Be(new StartRows.Uniform(1e-7));
        PromptInit.TryParse("uniform:0,5", out _).Should().BeFalse();
        PromptInit.TryParse("VOCABULARY", out _).Should().BeFalse();
        PromptInit.Parse("vocabulary:5000").Rows.Should().Be(new StartRows.Vocabulary(5000));
        PromptInit.TryParse("uniform:-0.5", out _).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Every_setting_is_read_and_printed_alike(string name)
    {
        Culture.Same(name, () =>
        {
            var spec = new RunSpec
            {
                LearningRate = 0.3,
                NetworkLearningRate = 1e-4,
                WeightDecay = 1e-5,
                Dropout = 0.1,
                Clip = 1.5,
                Seed = -7,
                FewShot = 3,
                FewShotSeed = -1,
                PromptInit = "uniform:0.5",
                Template = "Kritik: {text}",
                LabelWords = "0=Iffy,1=big",
                Optimizer = OptimizerKind.OriginalAdamw,
                Reparameterization = Reparameterization.Mlp2Tied,
                ValidationFraction = 0.25,
            };
            var json = RunSpecJson.Write(spec);
            RunSpecJson.Read(JsonNode.Parse(json.ToJsonString())!.AsObject(), "test").Should().Be(spec);
            return RunSpecProperty.All.Select(setting => setting.Key).Append(json.ToJsonString())
                .Concat(RunSpecProperty.All.Select(setting => setting.DefaultText)).Concat(RunSpecProperty.All.SelectMany(setting => setting.Words));
        });
        using var culture = Culture.Of(name);
        RunSpecProperty.Named("LearningRate").Parse("0.3", "x").GetValue<double>().Should().Be(0.3);
        RunSpecProperty.Named("WeightDecay").Parse("1e-5", "x").GetValue<double>().Should().Be(1e-5);
        RunSpecProperty.Named("Seed").Parse("-7", "x").GetValue<long>().Should().Be(-7);
        FluentActions.Invoking(() => RunSpecProperty.Named("LearningRate").Parse("0,3", "x")).Should().Throw<RunSpecException>();
        FluentActions.Invoking(() => RunSpecProperty.Named("Epochs").Parse("1.000", "x")).Should().Throw<RunSpecException>();
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void What_is_wrong_with_settings_is_said_alike(string name)
    {
        var spec = new RunSpec
        {
            LearningRate = -0.5,
            WeightDecay = 1.5,
            Dropout = -1.25,
            Epochs = -3,
            FewShot = -1,
            ValidationFraction = 1.5,
            Clip = -0.5,
            MaxInputLength = -5,
            PromptInit = "uniform:-0.5"
        };
        Culture.Same(name, () => spec.Validate().Select(problem => $"{problem.Key} {problem.Message}"));
        using var culture = Culture.Of(name);
        spec.Validate().Should().Contain(new RunProblem("learning_rate", "is -0.5, expected a number above 0"))
            .And.Contain(problem => problem.Message == "is -3, expected 1 to 1000000");
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Templates_and_label_words_go_by_letters(string name)
    {
        Culture.Same(name, () =>
        {
            var labels = LabelWords.Parse("I=Iffy,i=iffy,İ=İffy");
            return
            [
                .. labels.Values, .. labels.Words, labels.ToString(),
                .. new[] { "I", "i", "İ", "ı" }.Select(value => labels.Find(value)?.ToString(CultureInfo.InvariantCulture)),
                .. new[] { "Iffy", "iffy", "IFFY", " İffy " }.Select(word => labels.FindWord(word)?.ToString(CultureInfo.InvariantCulture)),
                LabelWords.Of("no", "yes").ToString(),
                .. Template.Parse("{TITLE}: {title}, {Title}").Fields,
                Template.Parse("{i} {I}").Render(Example.Of(System.Text.Json.JsonDocument.Parse("""{"i":"small","I":0.5}""")
                    .RootElement, "rows", 1, 0)),
                TextEncoding.Parse("ISO-8859-1").ToEncoding().WebName, TextEncoding.Parse("WINDOWS-1252").ToEncoding().WebName,
            ];
        });
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Tasks_are_found_and_read_alike(string name)
    {
        var row = Example.Of(System.Text.Json.JsonDocument.Parse(
            """{"sentence1":"It is I.","sentence2":"Is it I?","score":3.8,"label":3.8,"index":-1}""").RootElement, "rows", 1, 0);
        Culture.Same(name, () =>
        [
            TaskCatalog.Find("stsb").Read(row).TargetText, TaskCatalog.Find("stsb", Compatibility.Original).Read(row).TargetText,
            FluentActions.Invoking(() => TaskCatalog.Find("IMDB")).Should().Throw<TaskException>().Which.Message,
            FluentActions.Invoking(() => TaskCatalog.Find("WIC")).Should().Throw<TaskException>().Which.Message,
            FluentActions.Invoking(() => TaskCatalog.Find("rte").Read(row)).Should().Throw<DataException>().Which.Message,
        ]);
    }
}

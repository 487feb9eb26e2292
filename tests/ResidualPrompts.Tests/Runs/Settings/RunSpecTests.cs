using System.Text.Json.Nodes;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs.Settings;

public sealed class RunSpecTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static RunSpec Valid => new() { Task = "subj", SaveName = "run" };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_defaults_are_valid_and_the_originals()
    {
        Valid.Validate().Should().BeEmpty();
        var spec = new RunSpec();
        (spec.Model, spec.Epochs, spec.BatchSize, spec.MaxInputLength, spec.PromptLength, spec.LearningRateInForce, spec.BottleneckSize,
            spec.WeightDecay)
            .Should().Be(("t5-base", 5, 8, 512, 10, 0.3, 800, 1e-5));
    }

    [Fact]
    public void All_problems_are_found_at_once()
    {
        var spec = new RunSpec
        {
            Epochs = 0,
            LearningRate = -1,
            Dropout = 1,
            PromptInit = "magic",
            PromptLength = 600,
            Skip = false,
            SaveName = "../away"
        };
        spec.Validate().Select(problem => problem.Key).Should().BeEquivalentTo(
            "save_name", "task", "max_input_length", "epochs", "learning_rate", "dropout", "prompt_init");
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData(" a")]
    [InlineData(null)]
    public void A_name_that_leaves_the_folder_is_refused(string? name) =>
        (Valid with { SaveName = name }).Validate().Single().Key.Should().Be("save_name");

    [Fact]
    public void Json_holds_every_setting_and_gives_the_same_spec_back()
    {
        var spec = Valid with
        {
            Reparameterization = Reparameterization.Mlp,
            Skip = false,
            Nonlinearity = ResidualPrompts.Prompts.Nonlinearity.Sigmoid,
            Patience = 3,
            Clip = 0.5,
            Seed = -1,
            Release = ReleasedState.Last
        };
        var json = RunSpecJson.Write(spec);
        json.Count.Should().Be(RunSpecProperty.All.Count);
        json["nonlinearity"]!.GetValue<string>().Should().Be("sigmoid");
        RunSpecJson.Read(json, "test").Should().Be(spec);
    }

    [Fact]
    public void An_unknown_key_names_the_nearest_one()
    {
        var act = () => RunSpecJson.Read(new JsonObject { ["prompt_lenght"] = 5 }, "my.json");
        act.Should().Throw<RunSpecException>().WithMessage("my.json: unknown setting 'prompt_lenght'; did you mean 'prompt_length'?");
    }

    [Theory]
    [InlineData("epochs", "\"five\"", "a whole number")]
    [InlineData("epochs", "1.5", "a whole number")]
    [InlineData("learning_rate", "\"0.3\"", "a number")]
    [InlineData("skip", "1", "true or false")]
    [InlineData("task", "5", "a text")]
    [InlineData("reparameterization", "\"prefix\"", "none, mlp, mlp2, mlp2-tied, lstm, lstm1, lstm2 or transformer")]
    [InlineData("release", "\"first\"", "best or last")]
    public void A_value_of_another_type_is_named_with_what_is_expected(string key, string value, string expected)
    {
        var act = () => RunSpecJson.Read(new JsonObject { [key] = JsonNode.Parse(value) }, "my.json");
        act.Should().Throw<RunSpecException>().WithMessage($"{key} is *, expected {expected}.");
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{\"epochs\": 1,")]
    [InlineData("{\"epochs\": 1, \"epochs\": 2}")]
    [InlineData("")]
    public void A_file_that_is_no_object_of_settings_is_refused(string text)
    {
        var act = () => RunSpecJson.ReadFile(_folder.Write("spec.json", text));
        act.Should().Throw<RunSpecException>().WithMessage("*spec.json*");
    }

    [Fact]
    public void The_learning_rate_of_full_tuning_is_its_own()
    {
        (Valid with { Method = TuningMethod.Full }).LearningRateInForce.Should().Be(3e-4);
        (Valid with { Method = TuningMethod.Full, LearningRate = 0.1 }).LearningRateInForce.Should().Be(0.1);
        (Valid with { Method = TuningMethod.Full }).VirtualTokenCount.Should().Be(0);
    }

    [Fact]
    public void What_acts_on_nothing_is_no_difference()
    {
        RunSpecJson.Differences(Valid, Valid with { BottleneckSize = 5 }).Should().BeEmpty();
        var mlp = Valid with { Reparameterization = Reparameterization.Mlp };
        RunSpecJson.Differences(mlp, mlp with { BottleneckSize = 5, FeedForwardSize = 5 }).Should().Equal("bottleneck_size");
        RunSpecJson.Differences(Valid, mlp with { BottleneckSize = 5 }).Should().Equal("reparameterization", "bottleneck_size");
    }

    [Fact]
    public void Differences_are_named_and_the_place_is_none()
    {
        RunSpecJson.Differences(Valid, Valid with { Seed = 1, BatchSize = 4, SaveDir = "elsewhere", SaveName = "other" })
            .Should().BeEquivalentTo("batch_size", "seed");
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(50, 1)]
    [InlineData(51, 5)]
    [InlineData(200, 5)]
    [InlineData(201, 25)]
    public void Evaluations_are_as_frequent_as_in_the_original(int epochs, int every) =>
        RunLength.Of(Valid with { Epochs = epochs }, trainCount: 80).EvaluateEvery.Should().Be(every * 10);

    [Theory]
    [InlineData("vocabulary", true)]
    [InlineData("vocabulary:5000", true)]
    [InlineData("vocabulary:0", false)]
    [InlineData("uniform:0.1", true)]
    [InlineData("uniform:-1", false)]
    [InlineData("text:\"classify this\"", true)]
    [InlineData("text:", false)]
    [InlineData("label-words", true)]
    [InlineData("file:x.npy", true)]
    [InlineData("no-such-file.npy", false)]
    public void Prompt_initializations_are_parsed(string text, bool isGood) => PromptInit.TryParse(text, out _).Should().Be(isGood);

    [Fact]
    public void A_file_that_does_not_exist_is_named()
    {
        (Valid with { PromptInit = "file:nothere.npy" }).Validate().Single().Should()
            .Be(new RunProblem("prompt_init", "names nothere.npy, which does not exist"));
        var file = _folder.Write("taken", "");
        (Valid with { SaveDir = file }).Validate().Select(problem => problem.Message).First().Should().Be($"is the file {file}, expected a folder");
        (Valid with { SaveDir = _folder.Path, SaveName = "taken" }).Validate().Single().Should()
            .Be(new RunProblem("save_name", "is the file taken, expected the name of a folder"));
    }

    [Theory]
    [InlineData(1e9, null, "learning_rate", "is 1000000000, expected less than 1 / weight_decay = 100000")]
    [InlineData(0.3, 5.0, "weight_decay", "is 5, expected less than 1 / learning_rate")]
    [InlineData(1e9, 0.1, "weight_decay", "is 0.1, expected less than 1 / learning_rate")]
    [InlineData(0.3, -1.0, "weight_decay", "is -1, expected at least 0")]
    [InlineData(0.3, double.NaN, "weight_decay", "is NaN, expected at least 0")]
    public void A_rate_that_overshoots_names_the_setting_that_was_given(double rate, double? decay, string key, string problem) =>
        (Valid with { LearningRate = rate, WeightDecay = decay ?? new RunSpec().WeightDecay }).Validate().Single().Should()
            .Be(new RunProblem(key, problem));

    [Fact]
    public void A_bare_existing_path_is_a_prompt_file()
    {
        var path = _folder.Write("prompt.npy", "");
        PromptInit.Parse(path).Rows.Should().Be(new StartRows.PromptFile(path));
        PromptInit.Parse("text:\"a: b\"").Rows.Should().Be(new StartRows.Text("a: b"));
        PromptInit.Parse("uniform").Rows.Should().Be(new StartRows.Uniform(0.5));
    }

    [Fact]
    public void Every_setting_is_in_the_key_of_encoded_rows_or_named_as_without_effect_on_them() =>
        EncodedRows.InKey.Concat(EncodedRows.Selecting).Concat(EncodedRows.WithoutEffect).Should()
            .BeEquivalentTo(RunSpecProperty.All.Select(setting => setting.Key)).And.OnlyHaveUniqueItems();
}

using System.Text.Json.Nodes;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Identity;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs.Identity;

/// <summary>What makes two runs the same run: every setting that changes what is computed, and nothing else.</summary>
public sealed class RunIdentityTests : IDisposable
{
    private static readonly IdentityInputs Inputs = new()
    {
        ModelDigests = new Dictionary<string, string> { ["model.safetensors"] = "m" },
        DataDigests = new Dictionary<string, string> { ["train.jsonl"] = "t" },
        TrainCount = 80,
        Validates = true,
        Evaluation = EvaluationMode.Labels,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Settings that count neither as they are nor in another form.</summary>
    private static readonly string[] NotCounting =
    [
        "save_dir", "save_name", "test", "checkpoint_every_steps", "keep_checkpoint", "epochs", "max_steps",
        "model", "revision", "data", "data_revision", "train", "validation", "test_file",
    ];

    public static TheoryData<string> Keys => [.. RunSpecProperty.All.Select(setting => setting.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_setting_counts_or_is_named_as_one_that_does_not(string key)
    {
        var spec = new RunSpec { Task = "subj", Reparameterization = Reparameterization.Mlp, Epochs = 2, FewShot = 40, LabelWords = "0=a,1=b" };
        if (key == "feed_forward_size")
            spec = spec with { Reparameterization = Reparameterization.Transformer };
        var inputs = key == "evaluation" ? Inputs with { Evaluation = EvaluationMode.Generate } : Inputs;
        var other = Of(Changed(spec, key), inputs);
        var isLeftOut = NotCounting.Contains(key);
        (other.Digest == Of(spec).Digest).Should().Be(isLeftOut, $"{key} is {(isLeftOut ? "left out" : "part of it")}");
    }

    [Fact]
    public void The_budget_counts_where_the_schedule_depends_on_it()
    {
        var spec = new RunSpec { Task = "subj", Epochs = 2 };
        Of(spec).Digest.Should().Be(Of(spec with { Epochs = 3 }).Digest).And.Be(Of(spec with { Epochs = null, MaxSteps = 7 }).Digest);
        var linear = spec with { Schedule = ResidualPrompts.Training.ScheduleKind.Linear };
        Of(linear).Digest.Should().NotBe(Of(linear with { Epochs = 3 }).Digest);
        Of(linear).Digest.Should().Be(Of(linear with { Epochs = null, MaxSteps = 20 }).Digest, "2 epochs are 20 steps");
        Of(spec).WithBudget(spec).Digest.Should().NotBe(Of(spec with { Epochs = 3 }).WithBudget(spec with { Epochs = 3 }).Digest);
    }

    [Fact]
    public void Evaluations_are_compared_in_steps()
    {
        var spec = new RunSpec { Task = "subj", Epochs = 2 };
        Of(spec).Digest.Should().Be(Of(spec with { EvaluateEverySteps = 10 }).Digest).And.Be(Of(spec with { EvaluateEvery = 1 }).Digest);
        Of(spec).Digest.Should().NotBe(Of(spec with { Epochs = 60 }).Digest, "its default is every 5 epochs");
        Of(spec, Inputs with { Validates = false }).Digest
            .Should().Be(Of(spec with { EvaluateEverySteps = 3 }, Inputs with { Validates = false }).Digest);
    }

    [Fact]
    public void A_setting_at_its_default_leaves_no_trace_so_that_one_of_a_later_version_changes_no_digest()
    {
        var settings = Of(new RunSpec { Task = "subj" }).Content["settings"]!.AsObject();
        settings.Select(pair => pair.Key).Should().BeEquivalentTo("task", "learning_rate", "evaluation", "evaluate_every_steps");
    }

    [Fact]
    public void A_digest_never_changes()
    {
        var spec = new RunSpec
        {
            Task = "subj",
            Reparameterization = Reparameterization.Mlp,
            BottleneckSize = 128,
            LearningRate = 0.3,
            MaxSteps = 600,
        };
        Of(spec).Digest.Should().StartWith("952d7c68fb5a497a051c8c74c2e6fcff", "runs that were trained are found by it");
    }

    [Fact]
    public void The_record_of_a_run_has_the_identity_that_was_planned()
    {
        var spec = TinyRun.Spec(_folder) with { Epochs = 2, Reparameterization = Reparameterization.Mlp, BottleneckSize = 4 };
        TinyRun.Train(spec);
        var record = RunRecord.Read(new RunDirectory(spec.Directory));
        var identity = RunIdentity.Of(record);
        identity.IsComplete.Should().BeTrue();
        identity.LastStep.Should().Be(10);
        var again = RunIdentity.Of(record with { Spec = record.Spec with { SaveName = "other", Test = true } });
        again.Digest.Should().Be(identity.Digest);
        RunIdentity.Of(record with { Spec = record.Spec with { Seed = 1 } }).Differences(identity).Should().Equal("seed");
    }

    [Fact]
    public void A_record_that_holds_rows_out_by_its_seed_is_that_of_the_split_seed()
    {
        var spec = new RunSpec { Task = "subj", Seed = 4, SplitSeed = 4 };
        var old = spec with { SplitSeed = 0, SplitsBySeed = true };
        Of(old).Digest.Should().Be(Of(spec).Digest);
    }

    private static RunIdentity Of(RunSpec spec, IdentityInputs? inputs = null) =>
        RunIdentity.Of(spec, [], (inputs ?? Inputs) with { Evaluation = inputs?.Evaluation ?? Inputs.Evaluation });

    private static RunSpec Changed(RunSpec spec, string key)
    {
        var setting = RunSpecProperty.WithKey(key);
        var now = setting.ToJson(spec);
        JsonNode value = setting switch
        {
            { IsFlag: true } => !now!.GetValue<bool>(),
            { Words.Count: > 0 } => setting.Words.First(word => word != now?.GetValue<string>()),
            { JsonType: "integer" } => (now?.GetValue<long>() ?? 0) + 7,
            { JsonType: "number" } => (now?.GetValue<double>() ?? 0) + 0.25,
            _ when key == "label_words" => "0=yes,1=no",
            _ when key == "prompt_init" => "uniform",
            _ when key == "encoding" => "latin1",
            _ => "another",
        };
        var changed = spec with { };
        setting.Property.SetValue(changed, setting.FromJson(value, key));
        return changed;
    }
}

using System.Text.Json.Nodes;
using ResidualPrompts.Prompts;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs.Settings;

/// <summary>A setting that acts on nothing changes no byte of what is trained; one that acts is not said to be inert.</summary>
public sealed class InertSettingsTests : IDisposable
{
    /// <summary>Settings that act in every run: whoever adds a setting decides here or in the table.</summary>
    private static readonly string[] AlwaysActing =
    [
        "task", "data", "train", "validation", "test_file", "few_shot", "test_from_validation", "validation_from_train", "max_input_length",
        "model", "method", "epochs", "max_steps", "checkpoint_every_steps", "batch_size", "accumulation", "gradient_checkpointing",
        "learning_rate", "optimizer", "schedule", "warmup_steps", "weight_decay", "clip", "dropout", "shuffle", "seed", "evaluation", "test",
        "save_dir", "save_name",
    ];

    /// <summary>Another value of every setting of prompts and networks.</summary>
    private static readonly Dictionary<string, Func<RunSpec, RunSpec>> Changed = new()
    {
        ["data_revision"] = spec => spec with { DataRevision = "v1" },
        ["compat"] = spec => spec with { Compat = ResidualPrompts.Tasks.Compatibility.Original },
        ["label_field"] = spec => spec with { LabelField = "other" },
        ["split_seed"] = spec => spec with { SplitSeed = 5 },
        ["few_shot_seed"] = spec => spec with { FewShotSeed = 5 },
        ["revision"] = spec => spec with { Revision = "v1" },
        ["prompt_length"] = spec => spec with { PromptLength = 3 },
        ["prompt_init"] = spec => spec with { PromptInit = "uniform:0.25" },
        ["train_weights"] = spec => spec with { TrainWeights = "layer_norm" },
        ["keep_checkpoint"] = spec => spec with { KeepCheckpoint = true },
        ["reparameterization"] = spec => spec with
        {
            Reparameterization = spec.Reparameterization == Reparameterization.Lstm ? Reparameterization.Mlp : Reparameterization.Lstm
        },
        ["skip"] = spec => spec with { Skip = false },
        ["bottleneck_size"] = spec => spec with { BottleneckSize = 6 },
        ["feed_forward_size"] = spec => spec with { FeedForwardSize = 6 },
        ["nonlinearity"] = spec => spec with { Nonlinearity = Nonlinearity.Tanh },
        ["layer_norm"] = spec => spec with { LayerNorm = false },
        ["separate_networks"] = spec => spec with { SeparateNetworks = true },
        ["network_learning_rate"] = spec => spec with { NetworkLearningRate = 0.01 },
        ["network_dropout"] = spec => spec with { NetworkDropout = 0.5 },
        ["encoding"] = spec => spec with { Encoding = "latin1" },
        ["template"] = spec => spec with { Template = "{text}" },
        ["label_words"] = spec => spec with { LabelWords = "0=a,1=b" },
        ["validation_fraction"] = spec => spec with { ValidationFraction = 0.3 },
        ["validation_per_class"] = spec => spec with { ValidationPerClass = 2 },
        ["evaluate_every"] = spec => spec with { EvaluateEvery = 2 },
        ["evaluate_every_steps"] = spec => spec with { EvaluateEverySteps = 2 },
        ["release"] = spec => spec with { Release = ReleasedState.Last },
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<TuningMethod, Reparameterization> Kinds =>
    [
        .. Enum.GetValues<Reparameterization>().Select(kind => (TuningMethod.Prompt, kind)), (TuningMethod.Full, Reparameterization.None),
    ];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_setting_is_in_the_table_or_acts_always()
    {
        InertSettings.Keys.Concat(AlwaysActing).Should().BeEquivalentTo(RunSpecProperty.All.Select(setting => setting.Key));
        Changed.Keys.Append("patience").Should().BeEquivalentTo(InertSettings.Keys);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_inert_setting_changes_nothing_and_any_other_does(TuningMethod method, Reparameterization kind)
    {
        var spec = Spec(method, kind);
        var plain = Trained(spec);
        var inert = Inert(spec);
        inert.Should().NotBeEmpty();
        foreach (var (key, change) in Changed.Where(pair => inert.Contains(pair.Key)))
            Trained(change(spec)).Should().Equal(plain, $"{key} acts on nothing in {method} {kind}");
        string[] ofData =
            ["validation_fraction", "validation_per_class", "evaluate_every", "evaluate_every_steps", "release", "few_shot_seed", "split_seed"];
        foreach (var (key, change) in Changed.Where(pair =>
            !inert.Contains(pair.Key) && !ofData.Contains(pair.Key) && pair.Key is not ("encoding" or "keep_checkpoint")))
            Trained(change(spec)).Should().NotEqual(plain, $"{key} acts in {method} {kind}");
    }

    [Theory]
    [InlineData(true, "validation_fraction", "split_seed")]
    [InlineData(false, "validation_per_class", "evaluate_every", "evaluate_every_steps", "release")]
    public void What_the_data_makes_inert_changes_nothing(bool hasValidation, params string[] keys)
    {
        var spec = Spec(TuningMethod.Prompt, Reparameterization.None) with { Epochs = 2, ValidationFraction = hasValidation ? 0.1 : 0 };
        if (!hasValidation)
            File.Delete(Path.Combine(spec.Data!, "validation.jsonl"));
        var plain = Trained(spec);
        Inert(spec).Should().Contain(keys);
        foreach (var key in keys)
            Trained(Changed[key](spec)).Should().Equal(plain, key);
    }

    [Fact]
    public void A_field_of_labels_acts_where_label_words_are_given_and_nowhere_else()
    {
        using var model = new TextModel();
        var rows = string.Concat(Enumerable.Range(0, 16).Select(i => $"a text {i},{i % 2},{i / 8}\n"));
        var task = _folder.Write("task.json", """{"name":"mine","template":"{text}","label_words":{"0":"bad","1":"good"}}""");
        var spec = model.Spec with
        {
            Task = task,
            Data = _folder.Write("rows.csv", $"text,label,other\n{rows}"),
            ValidationFraction = 0.25,
            Epochs = 1,
            SaveDir = _folder.Path,
            SaveName = "run",
        };
        var plain = Trained(spec);
        Trained(spec with { LabelField = "other" }).Should().Equal(plain);
        Inert(spec).Should().Contain("label_field");
        var record = JsonNode.Parse(File.ReadAllText(_folder.File("run/run.json")))!;
        record["spec"]!["label_field"].Should().BeNull();
        record["warnings"]!.AsArray().Select(warning => warning!["message"]!.GetValue<string>()).Should()
            .Contain("label_field has no effect without label_words");

        var own = spec with { LabelWords = "0=bad,1=good" };
        Trained(own).Should().Equal(plain);
        Inert(own).Should().NotContain("label_field");
        Trained(own with { LabelField = "other" }).Should().NotEqual(plain);
        var ids = TinyRun.Spec(_folder) with { LabelField = "other", SaveName = "ids" };
        TinyRun.Train(ids);
        Inert(ids).Should().Contain("label_field");
    }

    [Fact]
    public void A_record_of_an_earlier_version_with_a_value_there_still_resumes()
    {
        var spec = Spec(TuningMethod.Prompt, Reparameterization.None) with { SaveName = "old" };
        TinyRun.Train(spec);
        var path = _folder.File("old/run.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        json["spec"]!["bottleneck_size"]!.Should().BeNull();
        json.Remove("inert").Should().BeTrue();
        json.Remove("warnings").Should().BeTrue();
        (json["spec"]!["bottleneck_size"], json["spec"]!["feed_forward_size"], json["spec"]!["skip"]) = (800, 64, true);
        File.WriteAllText(path, json.ToJsonString());
        TinyRun.Train(spec, RunMode.Resume).Notes.Should().BeEmpty();
        TinyRun.Train(spec with { Skip = false }, RunMode.Resume).Notes.Should().BeEmpty();
    }

    [Fact]
    public void Runs_of_different_kinds_differ_in_no_setting_that_one_of_them_lacks()
    {
        var plain = Spec(TuningMethod.Prompt, Reparameterization.None) with { SaveName = "plain" };
        var mlp = plain with { Reparameterization = Reparameterization.Mlp, SaveName = "mlp" };
        TinyRun.Train(plain);
        TinyRun.Train(mlp);
        RunSummary.Differences([RunSummary.Read(plain.Directory), RunSummary.Read(mlp.Directory)]).Should().Equal("reparameterization");
    }

    private RunSpec Spec(TuningMethod method, Reparameterization kind) => TinyRun.Spec(_folder) with
    {
        Data = TinyFolder.WriteRows(_folder, train: 8, validation: 12),
        Method = method,
        Reparameterization = kind,
        PromptLength = 2,
        BottleneckSize = 4,
        FeedForwardSize = 4,
        LearningRate = 0.05,
    };

    /// <summary>The inert settings, as the run's own record names them.</summary>
    private static IReadOnlyList<string> Inert(RunSpec spec) => RunSummary.Read(spec.Directory).Inert;

    /// <summary>The bytes of the released prompt, or of the model's weights.</summary>
    private static byte[] Trained(RunSpec spec)
    {
        TinyRun.Train(spec, RunMode.Overwrite);
        return File.ReadAllBytes(Path.Combine(spec.Directory, spec.Method == TuningMethod.Full ? "model/model.safetensors" : "prompt.npy"));
    }
}

using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Choices;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Compute;

/// <summary>Who computes is chosen once, when a model is loaded.</summary>
[Collection<Alone>] // the environment is the process's
public sealed class ComputeChoiceTests : IDisposable
{
    private const string Reason = "the managed kernels need a processor with AVX2";
    private static readonly string[] Names =
        ["linear", "normed_linear", "add_linear", "norm", "self_attention", "self_attention_with_dropout", "cross_attention"];

    private readonly TemporaryFolder _folder = new();
    private readonly string? _before = Environment.GetEnvironmentVariable(ComputeChoice.Variable);
    private readonly string? _cacheBefore = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");

    public ComputeChoiceTests() => Environment.SetEnvironmentVariable("XDG_CACHE_HOME", _folder.File("cache"));

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(ComputeChoice.Variable, _before);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", _cacheBefore);
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null, ComputePolicy.Auto)]
    [InlineData("", ComputePolicy.Auto)]
    [InlineData("auto", ComputePolicy.Auto)]
    [InlineData("libtorch", ComputePolicy.LibTorch)]
    [InlineData("managed", ComputePolicy.Managed)]
    public void The_environment_names_the_policy_of_the_process(string? value, ComputePolicy expected)
    {
        Environment.SetEnvironmentVariable(ComputeChoice.Variable, value);
        ComputeChoice.OfProcess.Should().Be(expected);
    }

    [Theory]
    [InlineData("mkl")]
    [InlineData("LibTorch")]
    [InlineData("1")]
    [InlineData(" auto")]
    public void An_unknown_name_is_refused_with_those_that_there_are(string value)
    {
        Environment.SetEnvironmentVariable(ComputeChoice.Variable, value);
        var act = () => TinyT5.Create(TinyT5.Version10);
        act.Should().Throw<ComputeException>().WithMessage($"RESIDUAL_PROMPTS_COMPUTE is '{value}', expected auto, libtorch or managed.");
    }

    [Fact]
    public void LibTorch_is_libtorch_for_every_operation_and_managed_the_kernels_and_options_go_before_the_environment()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, Reason);
        Environment.SetEnvironmentVariable(ComputeChoice.Variable, "managed");
        var managed = $"managed-{ComputeChoice.ProductKernel}";
        managed.Should().BeOneOf("managed-avx2", "managed-avx512");
        Described(null).Should().Equal(All("managed", managed));
        Described(ComputePolicy.LibTorch).Should().Equal(All("libtorch", "libtorch"));
        Environment.SetEnvironmentVariable(ComputeChoice.Variable, "libtorch");
        ComputeChoice.ProductKernel.Should().BeNull();
        Described(null).Should().Equal(All("libtorch", "libtorch"));
        Described(ComputePolicy.Managed).Should().Equal(All("managed", managed));
        foreach (var (operation, name) in OperationNames.All)
        {
            Described(ComputePolicy.Auto)[name].Should().Be(
                ChoiceTable.ManagedOn(ComputeChoice.Family).HasFlag(operation) ? managed : "libtorch", name);
        }

        Described(ComputePolicy.Auto)["basis"].Should().Be(ComputeChoice.OfTable);
    }

    [Fact]
    public void A_run_that_trains_weights_says_that_libtorch_computes_with_them()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, Reason);
        Environment.SetEnvironmentVariable(ComputeChoice.Variable, "managed");
        using var model = TinyT5.Create(TinyT5.Version10);
        model.Train(_ => true);
        model.DescribeCompute().ToDictionary().Should().Equal(All("managed", "libtorch"));
        model.Train(name => name.Contains("wo"));
        model.DescribeCompute().Last().Value.Should().Be($"managed-{ComputeChoice.ProductKernel}, libtorch where weights train");
    }

    [Fact]
    public void The_ways_of_computing_differ_by_rounding_and_by_no_more()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, Reason);
        using var scope = NewDisposeScope();
        var config = TinyT5.Version10 with { HiddenSize = 64, HeadSize = 16 };
        using var batch = Batch.Of(Some.Examples(config));
        double[] Scores(Computing computing)
        {
            using var model = AnyComputing.Frozen(config, computing);
            return [.. new PromptedT5(model).ScoreLabels(batch, Some.Labels).SelectMany(row => row)];
        }

        var (libTorch, managed, mixed) = (Scores(Computing.LibTorch), Scores(Computing.Managed), Scores(Computing.Mixed));
        managed.Should().NotEqual(libTorch); // or one of the two was not taken
        mixed.Should().NotEqual(libTorch);
        foreach (var (one, other) in managed.Concat(mixed).Zip(libTorch.Concat(libTorch)))
            one.Should().BeApproximately(other, 1e-4);
    }

    [Fact]
    public void Options_are_those_of_the_model_that_is_loaded()
    {
        var folder = Folder();
        using (var padded = Backbone.Load(folder, new BackboneOptions { Mode = ComputeMode.Padded, PreparedCache = false }))
            (padded.Model.Mode, padded.Model.UsesInt8, padded.Model.IsPrepared).Should().Be((ComputeMode.Padded, false, true));
        using (var trainable = Backbone.Load(folder, new BackboneOptions { Mode = ComputeMode.Straightforward }, trainable: true))
            (trainable.Model.Mode, trainable.Model.IsPrepared).Should().Be((ComputeMode.Straightforward, false));
        var wrong = () => Backbone.Load(folder, new BackboneOptions { Int8 = true }, trainable: true);
        wrong.Should().Throw<InvalidOperationException>().WithMessage("*int8*frozen*");
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        using var int8 = Backbone.Load(folder, new BackboneOptions { Int8 = true });
        int8.Model.UsesInt8.Should().BeTrue();
    }

    [Fact]
    public void A_saved_calibration_goes_before_the_table_and_a_damaged_one_does_not_count()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, Reason);
        Environment.SetEnvironmentVariable(ComputeChoice.Variable, null);
        var other = ChoiceTable.ManagedOn(ComputeChoice.Family) ^ Operations.CrossAttention;
        ComputeChoice.Calibration!.Write(other);
        ComputeChoice.CalibrationProblem.Should().BeNull();
        (ComputeChoice.Kernels(null).Managed, ComputeChoice.Kernels(null).Basis).Should().Be((other, "calibration"));
        Described(null)["basis"].Should().Be("calibration");
        Described(ComputePolicy.LibTorch).Should().Equal(All("libtorch", "libtorch"));
        File.WriteAllText(ComputeChoice.Calibration.Path, "{");
        ComputeChoice.CalibrationProblem.Should().StartWith(ComputeChoice.Calibration.Path).And.Contain("is ignored");
        ComputeChoice.Kernels(null).Basis.Should().Be(ComputeChoice.OfTable);
    }

    [Fact]
    public void A_record_is_followed_where_this_processor_can()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, Reason);
        var managed = $"managed-{ComputeChoice.ManagedInstructions}";
        Operations? Of(params (string Key, string Value)[] recorded) =>
            ComputeChoice.Recorded(recorded.ToDictionary(pair => pair.Key, pair => pair.Value))?.Managed;
        foreach (var computing in Enum.GetValues<Computing>())
        {
            using var model = AnyComputing.Frozen(TinyT5.Version10, computing);
            var recorded = ComputeChoice.Recorded(model.DescribeCompute().ToDictionary())!;
            var kernels = computing.Kernels();
            (recorded.Managed, recorded.Policy, recorded.Basis).Should().Be((kernels.Managed, kernels.Policy, kernels.Basis));
        }

        // as earlier versions wrote it
        Of(("policy", "managed"), ("linear", managed), ("self_attention", managed)).Should().Be(
            Operations.Linear | Operations.SelfAttention
            | Operations.SelfAttentionWithDropout);
        Of(("linear", $"{managed}, libtorch where weights train")).Should().Be(Operations.Linear);
        Of(("linear", "managed-avx4096")).Should().BeNull();
        Of().Should().BeNull();
    }

    private Dictionary<string, string> Described(ComputePolicy? policy)
    {
        using var backbone = Backbone.Load(Folder(), new BackboneOptions { Compute = policy });
        return backbone.Model.DescribeCompute().ToDictionary();
    }

    private static Dictionary<string, string> All(string policy, string name) =>
        Names.Select(operation => KeyValuePair.Create(operation, name))
            .Concat([KeyValuePair.Create("policy", policy), KeyValuePair.Create("basis", "policy")]).ToDictionary();

    private string Folder()
    {
        using var scope = NewDisposeScope();
        var folder = Directory.CreateDirectory(_folder.File("model")).FullName;
        if (!File.Exists(Path.Combine(folder, "config.json")))
            ModelFolder.Write(folder, TinyT5.Version10, TinyT5.Weights(TinyT5.Version10));
        return folder;
    }
}

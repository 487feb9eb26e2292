using System.Text.Json;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests.Training;

/// <summary>Six updates of every kind of prompt against PyTorch with the original's optimizer, at two learning rates, both versions of T5.</summary>
public sealed class TrajectoryTests
{
    private const double WeightDecay = 1e-5;
    private static readonly Dictionary<string, Func<Tensor, Generator, SoftPrompt>> Kinds = new()
    {
        ["pt"] = Plain,
        ["pt_torch_adamw"] = Plain,
        ["pt_adafactor"] = Plain,
        ["mlp1"] = Mlp(new MlpShape(20)),
        ["mlp1_noresidual"] = Mlp(new MlpShape(20, Skip: false)),
        ["mlp1_noln"] = Mlp(new MlpShape(20, LayerNorm: false)),
        ["separate"] = Mlp(new MlpShape(20, Separate: true)),
        ["mlp2"] = Mlp(new MlpShape(20, StackCount: 2, Tied: true)),
        ["mlp2_untied"] = Mlp(new MlpShape(20, StackCount: 2)),
        ["lstm1"] = (rows, generator) => new LstmPrompt(rows, 1, withHead: false, skip: true, generator),
        ["lstm2"] = (rows, generator) => new LstmPrompt(rows, 2, withHead: false, skip: true, generator),
        ["transformer"] = (rows, generator) => new TransformerPrompt(rows, 48, skip: true, generator),
    };

    public static MatrixTheoryData<string, string, double, Computing> Runs => new(["v10", "v11"], Kinds.Keys, [0.3, 0.01], Golden.Computings);

    public static MatrixTheoryData<string, Computing> FullRuns => new(["v10", "v11"], Golden.Computings);

    [Theory]
    [MemberData(nameof(Runs))]
    public void Losses_prompts_and_parameters_follow_PyTorch(string version, string kind, double rate, Computing computing)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Tensors("t5", version, $"train_{kind}.safetensors");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("t5", version, "train.json")));
        var run = json.RootElement.GetProperty("kinds").GetProperty(kind).GetProperty("runs").GetProperty($"lr{rate}");
        double Tolerance(string key) => run.GetProperty("suggested_atol").GetProperty(key).GetDouble();

        using var model = Golden.Model(version, ComputeMode.Packed, computing);
        using var prompt = Start(golden, kind);
        using var optimizer = Optimizer(kind, [new ParameterGroup(prompt.Parameters, rate)], WeightDecay);
        var prompted = new PromptedT5(model, prompt);
        var batches = Batches(version);
        for (var step = 0; step < 6; step++)
        {
            TensorAssert.Close(prompt.Forward(), golden[$"lr{rate}/folded"][step], Tolerance("folded"), $"prompt before step {step + 1}");
            optimizer.ZeroGradients();
            using var batch = Batch.Of(batches[step % batches.Count]);
            var loss = prompted.Loss(batch);
            loss.backward();
            TensorAssert.Close(loss, golden[$"lr{rate}/losses"][step], Tolerance("losses"), $"loss of step {step + 1}");
            if (step == 0)
                TensorAssert.Close(prompt.Parameters[SoftPrompt.RowsName].grad!, golden["grad1/prompt"], 2e-6 * (kind.StartsWith("pt") ? 1 : 10),
                    "first gradient");
            optimizer.Step();
        }

        using var folded = prompt.Fold();
        TensorAssert.Close(folded.Forward(), golden[$"lr{rate}/folded"][6], Tolerance("folded"), "folded prompt");
        foreach (var (name, parameter) in prompt.Parameters)
            TensorAssert.Close(Comparable(name, parameter), Comparable(name, golden[$"lr{rate}/final/{name}"]), Tolerance("final_param"), name);
    }

    [Theory]
    [MemberData(nameof(FullRuns))]
    public void Full_model_tuning_follows_PyTorch(string version, Computing computing)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Tensors("t5", version, "train_full.safetensors");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("t5", version, "train_full.json")));
        double Tolerance(string key) => json.RootElement.GetProperty("suggested_atol").GetProperty(key).GetDouble();
        using var model = T5Model.Load(Golden.Path("t5", version), Golden.Computation(ComputeMode.Packed, computing));
        var trained = new TrainedParts(model, null, _ => true);
        trained.Parameters.Keys.Should().BeEquivalentTo(model.Weights.Keys);
        using var optimizer = new OriginalAdamW([new ParameterGroup(trained.Parameters, 1e-3)], WeightDecay);
        var batches = Batches(version);
        for (var step = 0; step < 6; step++)
        {
            optimizer.ZeroGradients();
            using var batch = Batch.Of(batches[step % batches.Count]);
            var loss = trained.Model.Loss(batch);
            loss.backward();
            TensorAssert.Close(loss, golden["losses"][step], Tolerance("losses"), $"loss of step {step + 1}");
            optimizer.Step();
        }

        var forward = Golden.Tensors("t5", version, "forward.safetensors");
        using var forwardBatch = Models.ForwardTests.BatchOf(forward);
        var counts = forward["labels"].ne(Batch.IgnoredId);
        TensorAssert.Close(trained.Model.TargetLogits(forwardBatch)[counts], golden["final_logits"][counts], 1e-4, "logits after training");
        foreach (var norm in json.RootElement.GetProperty("norms").EnumerateObject())
            model.Weights[norm.Name].to_type(ScalarType.Float64).norm().item<double>()
                .Should().BeApproximately(norm.Value.GetProperty("after").GetDouble(), 1e-4, norm.Name);
    }

    [Theory]
    [InlineData("original_adamw", "torch_adamw", "matrix")]
    [InlineData("original_adamw", "torch_adamw", "vector")]
    [InlineData("torch_adamw", "original_adamw", "matrix")]
    [InlineData("torch_adamw", "original_adamw", "vector")]
    [InlineData("adafactor", "torch_adamw", "matrix")]
    [InlineData("adafactor", "torch_adamw", "vector")]
    public void An_optimizer_makes_the_steps_of_its_reference_and_not_of_another(string rule, string other, string name)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Tensors("t5", "optimizers.safetensors");
        var parameter = golden[$"start/{name}"].clone().requires_grad_(true);
        using var optimizer = Optimizer(rule, [new ParameterGroup(new Dictionary<string, Tensor> { ["p"] = parameter }, 0.1)], 0.1);
        for (var step = 0; step < 6; step++)
        {
            optimizer.ZeroGradients();
            (parameter * golden[$"grads/{name}"][step]).sum().backward();
            optimizer.Step();
            TensorAssert.Close(parameter, golden[$"{rule}/{name}"][step], 2e-6, $"step {step + 1}");
            TensorAssert.Differ(parameter, golden[$"{other}/{name}"][step], 1e-5, $"step {step + 1}, another rule");
        }
    }

    private static PlainPrompt Plain(Tensor rows, Generator generator) => new PlainPrompt(rows);

    private static Func<Tensor, Generator, SoftPrompt> Mlp(MlpShape shape) => (rows, generator) => new MlpPrompt(rows, shape, generator);

    private static Optimizer Optimizer(string kind, IReadOnlyList<ParameterGroup> groups, double weightDecay) =>
        kind.EndsWith("torch_adamw") ? new TorchAdamW(groups, weightDecay)
        : kind.EndsWith("adafactor") ? new Adafactor(groups, weightDecay)
        : new OriginalAdamW(groups, weightDecay);

    /// <summary>Without the bias of keys, which softmax ignores: its gradient is rounding noise.</summary>
    private static Tensor Comparable(string name, Tensor parameter) => name.EndsWith("in_proj_bias")
        ? cat([parameter.narrow(0, 0, parameter.shape[0] / 3), parameter.narrow(0, 2 * parameter.shape[0] / 3, parameter.shape[0] / 3)])
        : parameter;

    private static SoftPrompt Start(Dictionary<string, Tensor> golden, string kind)
    {
        using var generator = new Generator(1, CPU);
        var rows = golden["init/prompt"].clone();
        var prompt = Kinds[kind](rows, generator);
        prompt.Parameters.Keys.Select(name => $"init/{name}").Should().BeEquivalentTo(golden.Keys.Where(key => key.StartsWith("init/")));
        using var noGradients = no_grad();
        foreach (var (name, parameter) in prompt.Parameters)
        {
            parameter.copy_(golden[$"init/{name}"]);
            parameter.requires_grad_(true);
        }

        return prompt;
    }

    private static List<EncodedExample[]> Batches(string version)
    {
        var golden = Golden.Tensors("t5", version, "train_batches.safetensors");
        return
        [
            .. Enumerable.Range(0, 3).Select(i => Golden.Rows(golden[$"{i}/input_ids"], id => id == 0)
                .Zip(Golden.Rows(golden[$"{i}/labels"], id => id == Batch.IgnoredId), (input, target) => new EncodedExample(input, target))
                    .ToArray()),
        ];
    }
}

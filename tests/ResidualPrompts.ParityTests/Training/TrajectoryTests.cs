using System.Text.Json;
using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.PromptedModels;
using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests.Training;

/// <summary>Six updates of every kind of prompt against PyTorch with the original's optimizer, at two learning rates, both versions of T5.</summary>
public sealed class TrajectoryTests
{
    private const double WeightDecay = 1e-5;
    private static readonly Dictionary<string, MlpShape?> Kinds = new()
    {
        ["pt"] = null,
        ["mlp1"] = new MlpShape(20),
        ["mlp1_noresidual"] = new MlpShape(20, Skip: false),
        ["mlp1_noln"] = new MlpShape(20, LayerNorm: false),
        ["separate"] = new MlpShape(20, Separate: true),
    };

    public static TheoryData<string, string, double> Runs
    {
        get
        {
            var runs = new TheoryData<string, string, double>();
            foreach (var version in new[] { "v10", "v11" })
            {
                foreach (var kind in Kinds.Keys)
                {
                    runs.Add(version, kind, 0.3);
                    runs.Add(version, kind, 0.01);
                }
            }

            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Losses_prompts_and_parameters_follow_PyTorch(string version, string kind, double rate)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Tensors("t5", version, $"train_{kind}.safetensors");
        using var json = JsonDocument.Parse(File.ReadAllBytes(Golden.Path("t5", version, "train.json")));
        var run = json.RootElement.GetProperty("kinds").GetProperty(kind).GetProperty("runs").GetProperty($"lr{rate}");
        double Tolerance(string key) => run.GetProperty("suggested_atol").GetProperty(key).GetDouble();

        using var model = T5Model.Load(Golden.Path("t5", version));
        using var prompt = Start(golden, Kinds[kind]);
        using var optimizer = new OriginalAdamW([new ParameterGroup(prompt.Parameters, rate)], WeightDecay);
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
                TensorAssert.Close(prompt.Parameters[SoftPrompt.RowsName].grad!, golden["grad1/prompt"], 2e-6 * (kind == "pt" ? 1 : 10), "first gradient");
            optimizer.Step();
        }

        using var folded = prompt.Fold();
        TensorAssert.Close(folded.Forward(), golden[$"lr{rate}/folded"][6], Tolerance("folded"), "folded prompt");
        foreach (var (name, parameter) in prompt.Parameters)
            TensorAssert.Close(parameter, golden[$"lr{rate}/final/{name}"], Tolerance("final_param"), name);
    }

    [Theory]
    [InlineData("matrix")]
    [InlineData("vector")]
    public void The_original_AdamW_makes_the_steps_of_transformers(string name)
    {
        using var scope = NewDisposeScope();
        var golden = Golden.Tensors("t5", "optimizers.safetensors");
        var parameter = golden[$"start/{name}"].clone().requires_grad_(true);
        using var optimizer = new OriginalAdamW([new ParameterGroup(new Dictionary<string, Tensor> { ["p"] = parameter }, 0.1)], 0.1);
        for (var step = 0; step < 6; step++)
        {
            optimizer.ZeroGradients();
            (parameter * golden[$"grads/{name}"][step]).sum().backward();
            optimizer.Step();
            TensorAssert.Close(parameter, golden[$"original_adamw/{name}"][step], 2e-6, $"step {step + 1}");
            TensorAssert.Differ(parameter, golden[$"torch_adamw/{name}"][step], 1e-5, $"step {step + 1}, torch's rule");
        }
    }

    private static SoftPrompt Start(Dictionary<string, Tensor> golden, MlpShape? shape)
    {
        using var generator = new Generator(1, CPU);
        var rows = golden["init/prompt"].clone();
        SoftPrompt prompt = shape is null ? new PlainPrompt(rows) : new MlpPrompt(rows, shape, generator);
        prompt.Parameters.Keys.Select(name => $"init/{name}").Should().BeEquivalentTo(golden.Keys.Where(key => key.StartsWith("init/")));
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
                .Zip(Golden.Rows(golden[$"{i}/labels"], id => id == Batch.IgnoredId), (input, target) => new EncodedExample(input, target)).ToArray()),
        ];
    }
}

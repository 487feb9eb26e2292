using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Prompts;

/// <summary>Every kind of prompt, one row each: what must hold of one must hold of all.</summary>
public static class PromptKinds
{
    public const int Length = 4;
    public const int HiddenSize = 20;

    private static readonly Dictionary<string, MlpShape?> Shapes = new()
    {
        ["plain"] = null,
        ["residual mlp"] = new MlpShape(6),
        ["mlp without skip"] = new MlpShape(6, Skip: false),
        ["mlp without norm"] = new MlpShape(6, LayerNorm: false),
        ["mlp a row"] = new MlpShape(6, Separate: true),
        ["mlp with tanh"] = new MlpShape(6, Nonlinearity.Tanh),
        ["mlp with sigmoid"] = new MlpShape(6, Nonlinearity.Sigmoid),
        ["mlp with gelu"] = new MlpShape(6, Nonlinearity.Gelu),
    };

    public static TheoryData<string> All => [.. Shapes.Keys];

    public static SoftPrompt Create(string kind, int seed = 1)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        var rows = randn([Length, HiddenSize], generator: generator);
        SoftPrompt prompt = Shapes[kind] is { } shape ? new MlpPrompt(rows, shape, generator) : new PlainPrompt(rows);
        foreach (var parameter in prompt.Parameters.Values)
            parameter.requires_grad_(true);
        return prompt;
    }
}

using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Prompts;

/// <summary>Every kind of prompt, one row each: what must hold of one must hold of all.</summary>
public static class PromptKinds
{
    public const int Length = 4;
    public const int HiddenSize = 20;

    private static readonly Dictionary<string, Func<Tensor, Generator, SoftPrompt>> Makers = new()
    {
        ["plain"] = (rows, _) => new PlainPrompt(rows),
        ["residual mlp"] = Mlp(new MlpShape(6)),
        ["mlp without skip"] = Mlp(new MlpShape(6, Skip: false)),
        ["mlp without norm"] = Mlp(new MlpShape(6, LayerNorm: false)),
        ["mlp a row"] = Mlp(new MlpShape(6, Separate: true)),
        ["mlp with tanh"] = Mlp(new MlpShape(6, Nonlinearity.Tanh)),
        ["mlp with sigmoid"] = Mlp(new MlpShape(6, Nonlinearity.Sigmoid)),
        ["mlp with gelu"] = Mlp(new MlpShape(6, Nonlinearity.Gelu)),
        ["two mlps"] = Mlp(new MlpShape(6, StackCount: 2)),
        ["two mlps without norm a row"] = Mlp(new MlpShape(6, Nonlinearity.Tanh, LayerNorm: false, Separate: true, StackCount: 2)),
        ["two tied mlps"] = Mlp(new MlpShape(6, StackCount: 2, Tied: true)),
        ["lstm of one layer"] = (rows, generator) => new LstmPrompt(rows, 1, withHead: false, skip: true, generator),
        ["lstm of two layers"] = (rows, generator) => new LstmPrompt(rows, 2, withHead: false, skip: true, generator),
        ["lstm with head"] = (rows, generator) => new LstmPrompt(rows, 2, withHead: true, skip: true, generator),
        ["lstm without skip"] = (rows, generator) => new LstmPrompt(rows, 1, withHead: false, skip: false, generator),
        ["transformer"] = (rows, generator) => new TransformerPrompt(rows, 12, skip: true, generator),
        ["transformer without skip"] = (rows, generator) => new TransformerPrompt(rows, 12, skip: false, generator),
    };

    public static TheoryData<string> All => [.. Makers.Keys];

    /// <summary>Kinds that treat every row by itself; the others see the rows as one sequence.</summary>
    public static TheoryData<string> RowByRow => [.. Makers.Keys.Where(kind => kind == "plain" || kind.Contains("mlp"))];

    public static SoftPrompt Create(string kind, int seed = 1)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        var rows = randn([Length, HiddenSize], generator: generator);
        var prompt = Makers[kind](rows, generator);
        foreach (var parameter in prompt.Parameters.Values)
            parameter.requires_grad_(true);
        return prompt;
    }

    private static Func<Tensor, Generator, SoftPrompt> Mlp(MlpShape shape) => (rows, generator) => new MlpPrompt(rows, shape, generator);
}

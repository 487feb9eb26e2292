namespace ResidualPrompts.Prompts;

/// <summary>The variants of <see cref="MlpPrompt"/>'s network.</summary>
/// <param name="BottleneckSize">Inner width m.</param>
/// <param name="Nonlinearity">The function between the two matrices.</param>
/// <param name="LayerNorm">Whether a stack ends with a LayerNorm.</param>
/// <param name="Skip">Whether the rows are added to the branch: P' = P + φ(P); without it P' = φ(P).</param>
/// <param name="Separate">Whether each row has its own network; otherwise all rows share one.</param>
/// <param name="StackCount">Stacks in sequence within the single skip connection: 1 (the paper's main form) or 2.</param>
/// <param name="Tied">Whether all stacks share one set of weights, as the original's MLP2 actually does.</param>
internal sealed record MlpShape(
    int BottleneckSize = 800,
    Nonlinearity Nonlinearity = Nonlinearity.Relu,
    bool LayerNorm = true,
    bool Skip = true,
    bool Separate = false,
    int StackCount = 1,
    bool Tied = false);

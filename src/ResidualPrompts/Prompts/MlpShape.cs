namespace ResidualPrompts.Prompts;

/// <summary>The choices of an MLP reparameterization.</summary>
/// <param name="BottleneckSize">Inner width m.</param>
/// <param name="Nonlinearity">What stands between the two matrices.</param>
/// <param name="LayerNorm">Whether a stack ends with a LayerNorm.</param>
/// <param name="Skip">Whether the rows are added to the branch: P' = P + φ(P); without it P' = φ(P).</param>
/// <param name="Separate">Whether each row has a network of its own; else all rows share one.</param>
/// <param name="StackCount">Stacks one after another within the one skip connection: 1 (the paper's main form) or 2.</param>
/// <param name="Tied">Whether all stacks are the same weights, as the original's MLP2 really is.</param>
public sealed record MlpShape(
    int BottleneckSize = 800,
    Nonlinearity Nonlinearity = Nonlinearity.Relu,
    bool LayerNorm = true,
    bool Skip = true,
    bool Separate = false,
    int StackCount = 1,
    bool Tied = false);

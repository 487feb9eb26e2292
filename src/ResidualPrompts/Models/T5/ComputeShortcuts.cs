namespace ResidualPrompts.Models.T5;

/// <summary>
/// What a T5 saves in every mode but <see cref="ComputeMode.Straightforward"/>. Results are the same, to rounding. <c>bench ablation</c> disables
/// each shortcut to measure its worth.
/// </summary>
[Flags]
internal enum ComputeShortcuts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Cross-attention works on the encoder's states, without keys and values of every position.</summary>
    AbsorbedCrossAttention = 1,

    /// <summary>The encoder's first layer projects a prompt's rows once for all examples, and the text's rows without a gradient.</summary>
    SharedFirstLayer = 2,

    /// <summary>Everything.</summary>
    All = AbsorbedCrossAttention | SharedFirstLayer,
}

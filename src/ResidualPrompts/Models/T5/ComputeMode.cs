namespace ResidualPrompts.Models.T5;

/// <summary>How a T5 computes. The results are the same, to rounding; the modes exist for comparison.</summary>
public enum ComputeMode
{
    /// <summary>
    /// Linear layers process valid rows only, attention runs per group of examples of one length. Weights are prepared when frozen.
    /// </summary>
    Packed,

    /// <summary>Every example is padded to the longest of its batch. Weights are prepared when frozen.</summary>
    Padded,

    /// <summary>Padded, with the checkpoint's weights, exactly as the model is described.</summary>
    Straightforward,
}

namespace ResidualPrompts.Models.T5;

/// <summary>How a T5 computes. The results are the same to rounding; the modes exist to be compared.</summary>
public enum ComputeMode
{
    /// <summary>Linear layers see valid rows only, attention runs per group of examples of one length. Prepared weights when frozen.</summary>
    Packed,

    /// <summary>Every example is padded to the longest of its batch. Prepared weights when frozen.</summary>
    Padded,

    /// <summary>Padded, and the weights as they are in the checkpoint, as the model's description has it.</summary>
    Straightforward,
}

namespace ResidualPrompts.Adapters;

/// <summary>File formats of a released prompt.</summary>
public enum PromptFormat
{
    /// <summary>A PEFT adapter directory.</summary>
    Peft,

    /// <summary>A NumPy array, the format of the original and of Google's prompt-tuning.</summary>
    Npy,

    /// <summary>A safetensors file with <see cref="PromptFile.TensorName"/>.</summary>
    Safetensors,

    /// <summary>An <c>encoder.pt</c> for TGIS and caikit: a tensor saved by torch.</summary>
    Tgis,
}

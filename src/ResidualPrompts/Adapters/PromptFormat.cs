namespace ResidualPrompts.Adapters;

/// <summary>What a released prompt is kept in.</summary>
public enum PromptFormat
{
    /// <summary>A PEFT adapter directory.</summary>
    Peft,

    /// <summary>A NumPy array, as the original and Google's prompt-tuning save prompts.</summary>
    Npy,

    /// <summary>A safetensors file with <see cref="PromptFile.TensorName"/>.</summary>
    Safetensors,

    /// <summary>The <c>encoder.pt</c> that TGIS and caikit serve, a tensor saved by torch.</summary>
    Tgis,
}

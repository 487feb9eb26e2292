namespace ResidualPrompts.Hub;

/// <summary>What of a model is needed.</summary>
public enum ModelParts
{
    /// <summary>Config, weights and tokenizer.</summary>
    All,

    /// <summary>The tokenizer with its settings, and the config.</summary>
    Tokenizer,
}

namespace ResidualPrompts.Hub;

/// <summary>Parts of a model.</summary>
internal enum ModelParts
{
    /// <summary>Config, weights and tokenizer.</summary>
    All,

    /// <summary>The tokenizer with its settings, and the config.</summary>
    Tokenizer,
}

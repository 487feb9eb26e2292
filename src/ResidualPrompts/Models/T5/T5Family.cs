namespace ResidualPrompts.Models.T5;

/// <summary>The architectures that are a T5 (<c>model_type</c> of config.json).</summary>
internal enum T5Family
{
    /// <summary>T5 1.0 and 1.1, and what was tuned from them.</summary>
    T5,

    /// <summary>mT5 (Xue et al. 2021, arXiv 2010.11934): T5 1.1 in many languages. Decoder states are never scaled.</summary>
    MT5,

    /// <summary>umT5 (Chung et al. 2023, arXiv 2304.09151): mT5 with a position bias in every layer of self-attention.</summary>
    UMT5,
}

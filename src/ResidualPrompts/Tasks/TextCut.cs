namespace ResidualPrompts.Tasks;

/// <summary>What to cut from a text that is too long.</summary>
internal enum TextCut
{
    /// <summary>The end of the cuttable field; the text after it, and <c>&lt;/s&gt;</c>, stay.</summary>
    Field,

    /// <summary>As in the original: first the end of the text, then the end of prompt and text together, including <c>&lt;/s&gt;</c>.</summary>
    Original,
}

namespace ResidualPrompts.Tasks;

/// <summary>What is cut from a text that is too long.</summary>
public enum TextCut
{
    /// <summary>The end of the field that may be cut; what comes after it, and <c>&lt;/s&gt;</c>, stay.</summary>
    Field,

    /// <summary>As the original does it: the end of the text, and then the end of prompt and text together with its <c>&lt;/s&gt;</c>.</summary>
    Original,
}

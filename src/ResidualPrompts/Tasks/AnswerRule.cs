namespace ResidualPrompts.Tasks;

/// <summary>How a generated text is interpreted.</summary>
public enum AnswerRule
{
    /// <summary>As a label's word, which must match exactly except for surrounding white space; anything else is not a label.</summary>
    LabelWord,

    /// <summary>
    /// As the name of the referent or of something else (<see cref="ReferentRule"/>); the second label means that it names the referent.
    /// </summary>
    Referent,

    /// <summary>As a plain decimal number, with optional surrounding white space; anything else is not an answer.</summary>
    Number,

    /// <summary>As the answer itself.</summary>
    Text,

    /// <summary>As a text that is compared the way the original compares it (<see cref="OriginalText"/>).</summary>
    Original,

    /// <summary>As <see cref="Original"/>, but keeping the semicolons that separate several answers.</summary>
    OriginalList,
}

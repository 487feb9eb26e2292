namespace ResidualPrompts.Tasks;

/// <summary>What a generated text is taken for.</summary>
public enum AnswerRule
{
    /// <summary>A label's word, letter by letter, white space around it aside; anything else is no label.</summary>
    LabelWord,

    /// <summary>It names the referent, or another thing (<see cref="ReferentRule"/>); the second label is "names it".</summary>
    Referent,

    /// <summary>A plain decimal number, white space around it aside; anything else is no answer.</summary>
    Number,

    /// <summary>The answer itself.</summary>
    Text,

    /// <summary>A text compared as the original compares it (<see cref="OriginalText"/>).</summary>
    Original,

    /// <summary>The same with semicolons kept, which stand between several answers.</summary>
    OriginalList,
}

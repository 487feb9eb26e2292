namespace ResidualPrompts.Tasks;

/// <summary>How a generated text becomes a label.</summary>
public enum AnswerRule
{
    /// <summary>It is a label's word, letter by letter, white space around it aside; anything else is no label.</summary>
    LabelWord,

    /// <summary>It names the referent, or another thing (<see cref="ReferentRule"/>); the second label is "names it".</summary>
    Referent,
}

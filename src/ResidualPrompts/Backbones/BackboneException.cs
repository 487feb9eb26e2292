namespace ResidualPrompts.Backbones;

/// <summary>The parts of a backbone, or a prompt and a backbone, do not belong together.</summary>
public sealed class BackboneException : InputException
{
    private BackboneException(ProblemKind kind, MessageText message)
        : base(kind, message.ToString())
    {
    }

    internal static BackboneException NoTokenizer(string folder) =>
        new(ProblemKind.Missing,
            $"'{folder}' holds no tokenizer (spiece.model or tokenizer.json): put the model's own one there, or give token ids instead of text.");

    internal static BackboneException TokenizerDoesNotFit(string folder, int tokenizerIds, int modelRows) =>
        new(ProblemKind.Mismatch,
            $"The tokenizer in '{folder}' has {tokenizerIds} ids, but the model's config.json says vocab_size {modelRows}: "
            + $"they do not belong together. Put the model's own tokenizer there.");

    internal static BackboneException AddedTokenWithoutRow(string folder, string token, int id, int modelRows) =>
        new(ProblemKind.Mismatch,
            $"The tokenizer in '{folder}' has the added token '{token}' with the id {id}, "
            + $"but the model's config.json says vocab_size {modelRows}, so that "
            + $"no row of its embedding belongs to it. Put the tokenizer's files of this model there, "
            + $"or the model that was enlarged for this token.");

    internal static BackboneException PromptWidth(int found, int expected) =>
        new(ProblemKind.Mismatch, $"The prompt's rows are {found} wide, but the model's hidden size is {expected}: it was trained on another model.");

    internal static BackboneException NoLabels() => new(ProblemKind.Invalid, $"There are no labels, expected at least one.");

    internal static BackboneException BlankLabel() => new(ProblemKind.Invalid, $"A label is blank, expected a word that T5 can produce.");

    internal static BackboneException EqualLabels(string one, string other) =>
        new(ProblemKind.Invalid,
            $"The labels '{ShownText.Value(one)}' and '{ShownText.Value(other)}' are the same tokens of this model, "
                + $"so that it cannot tell them apart: choose other words.");
}

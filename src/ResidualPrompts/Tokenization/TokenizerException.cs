namespace ResidualPrompts.Tokenization;

/// <summary>
/// A tokenizer's files are missing, damaged or of a kind that T5 does not use, or a token id cannot be decoded. The message is complete: what, where,
/// expected, found, and what to do.
/// </summary>
public sealed class TokenizerException : InputException
{
    private TokenizerException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static TokenizerException MissingModel(string folder) => new(
        ProblemKind.Missing,
        $"The folder '{folder}' has neither '{T5Tokenizer.ModelFileName}', T5's SentencePiece model, nor '{T5Tokenizer.FastFileName}'. "
        + $"Copy one of these files of the checkpoint into the folder.");

    internal static TokenizerException UnreadableFile(string path, Exception inner) => new(
        ProblemKind.Inaccessible, $"Cannot read '{path}': {inner.Message} Check that it is a file and that you may read it.", inner);

    internal static TokenizerException FileTooLarge(string path, long length, long limit) => new(
        ProblemKind.Damaged,
        $"'{path}' has {length} bytes, more than the {limit} that this file can sensibly have. Is it another file under this name?");

    internal static TokenizerException BrokenConfig(string path, string problem, Exception? inner = null) => new(
        ProblemKind.Damaged,
        $"'{path}' is broken: {problem} "
        + $"{(Path.GetFileName(path) == TokenizerConfig.FileName
            ? $"Repair or delete the file (without it there are {TokenizerConfig.DefaultExtraIdCount} extra ids)."
            : "Copy it again from the checkpoint.")}",
        inner);

    internal static TokenizerException BrokenAddedTokens(string path, string problem) => new(
        ProblemKind.Damaged, $"'{path}' is broken: {problem} Copy it again from the checkpoint.");

    internal static TokenizerException UnsupportedToken(string path, string problem) => new(
        ProblemKind.Unsupported, $"'{path}' asks for a tokenizer that is not supported: {problem}");

    internal static TokenizerException ContradictoryToken(string path, string token, int id, string problem) => new(
        ProblemKind.Mismatch,
        $"'{path}' gives the added token '{token}' the id {id}, but {problem}. Copy the tokenizer's files again from the checkpoint, all of them.");

    internal static TokenizerException DamagedModel(string path, string problem, Exception? inner = null) => new(
        ProblemKind.Damaged,
        $"'{path}' is not a usable SentencePiece model: {problem} The file is damaged or of another kind; copy it again from the checkpoint.",
        inner);

    internal static TokenizerException UnsupportedModel(string path, string problem) => new(
        ProblemKind.Unsupported,
        $"'{path}' is a SentencePiece model of a kind that T5 does not use: {problem} "
        + $"Use the '{T5Tokenizer.ModelFileName}' or '{T5Tokenizer.FastFileName}' of a T5 checkpoint.");

    internal static TokenizerException TextTooLong(long length, long limit, string unit) => new(
        ProblemKind.Invalid, $"A text is too long to encode: {length} {unit}, at most {limit} are possible. Cut it into pieces first.");

    internal static TokenizerException NegativeId(int id) => new(
        ProblemKind.Invalid,
        $"{id} is not a token id: ids start at 0. Remove padding labels such as -100 before decoding.");
}

using System.Globalization;

namespace ResidualPrompts.Tokenization;

/// <summary>
/// Puts together what the files of a folder declare: T5's own tokens are compared with the pieces and the extra ids, tokens without an id get
/// the next ones as in transformers, and declarations that contradict each other are refused.
/// </summary>
internal sealed class AddedTokens
{
    private readonly IReadOnlyList<SentencePiece> _pieces;
    private readonly int _extraIdCount;
    private readonly SpecialTokens _own;
    private readonly Dictionary<string, AddedToken> _byContent = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _byId = [];
    private readonly Dictionary<int, (bool Left, bool Right)> _stripsOfOwn = [];
    private Dictionary<string, int>? _idsOfPieces;

    private AddedTokens(IReadOnlyList<SentencePiece> pieces, int extraIdCount)
    {
        (_pieces, _extraIdCount) = (pieces, extraIdCount);
        _own = new SpecialTokens(pieces.Count, extraIdCount);
    }

    /// <summary>The special tokens of a tokenizer.</summary>
    /// <param name="pieces">The model's pieces.</param>
    /// <param name="extraIdCount">Number of extra ids.</param>
    /// <param name="declared">The declared tokens; those without an id count after those with one.</param>
    /// <param name="isLegacy">Whether white space vanishes beside all of T5's own tokens; otherwise it does as declared.</param>
    /// <exception cref="TokenizerException">Declarations contradict each other or the pieces.</exception>
    public static SpecialTokens Join(
        IReadOnlyList<SentencePiece> pieces, int extraIdCount, IReadOnlyList<AddedToken> declared, bool isLegacy)
    {
        var tokens = new AddedTokens(pieces, extraIdCount);
        foreach (var token in declared.Where(token => token.Id is not null))
            tokens.Add(token, token.Id!.Value);
        foreach (var token in declared.Where(token => token.Id is null))
            tokens.Number(token);
        return new SpecialTokens(
            pieces.Count, extraIdCount, [.. tokens._byId.Values.OrderBy(token => token.Id)], isLegacy ? null : tokens.StripsOfOwn);
    }

    private void Add(AddedToken token, int id)
    {
        if (_own.IdOf(token.Content) is { } ownId)
        {
            if (ownId != id)
                throw Contradiction(token, id, $"'{token.Content}' has the id {Text(ownId)}");
            _stripsOfOwn[id] = (token.StripsLeft, token.StripsRight);
            return;
        }

        if (id < _pieces.Count && _pieces[id].Text != token.Content)
            throw Contradiction(token, id, $"that is the piece '{AddedToken.Shown(_pieces[id].Text)}'");
        if (id >= _pieces.Count && id < _pieces.Count + _extraIdCount)
            throw Contradiction(token, id, $"that is '{_own.NameOf(id)}' of {_extraIdCount} extra ids");
        if (id >= _pieces.Count && IdOfPiece(token.Content) is { } pieceId)
            throw Contradiction(token, id, $"it is the piece with the id {Text(pieceId)}");
        if (_byId.TryGetValue(id, out var same) && same.Content != token.Content)
            throw Contradiction(token, id, $"'{AddedToken.Shown(same.Content)}' has that id in '{same.File}'");
        if (_byContent.TryGetValue(token.Content, out var other) && other.Id != id)
            throw Contradiction(token, id, $"it has the id {Text(other.Id!.Value)} in '{other.File}'");

        // the first declaration has the flags: added_tokens.json knows none
        var kept = other ?? token;
        _byContent[token.Content] = _byId[id] = kept with { Id = id, IsSpecial = kept.IsSpecial || token.IsSpecial };
    }

    /// <summary>Gives a special token without an id the id that it has, or the next one.</summary>
    private void Number(AddedToken token)
    {
        if (_own.IdOf(token.Content) is not null)
            return;
        if (_byContent.TryGetValue(token.Content, out var known))
            _byContent[token.Content] = _byId[known.Id!.Value] = known with { IsSpecial = true };
        else
            Add(token, IdOfPiece(token.Content) ?? _pieces.Count + _extraIdCount + _byId.Keys.Count(id => id >= _pieces.Count));
    }

    private int? IdOfPiece(string content)
    {
        _idsOfPieces ??= _pieces.Select((piece, id) => (piece.Text, id)).ToDictionary(pair => pair.Text, pair => pair.id, StringComparer.Ordinal);
        return _idsOfPieces.TryGetValue(content, out var id) ? id : null;
    }

    private (bool Left, bool Right) StripsOfOwn(int id) =>
        _stripsOfOwn.TryGetValue(id, out var given) ? given : (id >= _pieces.Count, id >= _pieces.Count);

    private static TokenizerException Contradiction(AddedToken token, int id, string problem) =>
        TokenizerException.ContradictoryToken(token.File, AddedToken.Shown(token.Content), id, problem);

    private static string Text(int id) => id.ToString(CultureInfo.InvariantCulture);
}

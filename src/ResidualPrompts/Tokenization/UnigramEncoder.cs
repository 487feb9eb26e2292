using System.Runtime.CompilerServices;
using ResidualPrompts.Tokenization.Normalization;

namespace ResidualPrompts.Tokenization;

/// <summary>
/// Cuts a normalized sentence into the pieces with the largest sum of scores (Kudo 2018, https://arxiv.org/abs/1804.10959). It runs Viterbi from
/// left to right over characters, with the arithmetic of SentencePiece 0.1.96: the candidate of a piece is added in float64 and stored in
/// float32, that of an unknown character is added in float32, and only a strictly greater candidate replaces an earlier one. Real texts, such as
/// long runs of points, depend on that. SentencePiece 0.2 rounds a candidate before it compares it, so that ties can end otherwise.
/// </summary>
internal sealed class UnigramEncoder
{
    private const float UnknownPenalty = 10;
    private const float SmallestNormalFloat = 1.17549435e-38f; // FLT_MIN, with which SentencePiece starts its search for the best score

    private readonly PieceTrie _trie;
    private readonly float _unknownScore;
    private readonly float _bestScore;
    private readonly bool[]? _isUserDefined;
    private readonly int[]? _byteIds;

    /// <param name="pieces">The vocabulary, checked.</param>
    public UnigramEncoder(IReadOnlyList<SentencePiece> pieces)
    {
        _trie = PieceTrieBuilder.Build(pieces);
        var scores = pieces.Where(p => p.Kind == PieceKind.Normal).Select(p => p.Score).ToList();
        _unknownScore = scores.Min() - UnknownPenalty;
        _bestScore = Math.Max(SmallestNormalFloat, scores.Max());
        if (pieces.Any(piece => piece.Kind == PieceKind.UserDefined))
            _isUserDefined = [.. pieces.Select(piece => piece.Kind == PieceKind.UserDefined)];
        _byteIds = BytePieces.Ids(pieces);
    }

    /// <summary>
    /// Appends the ids of a sentence; adjacent unknown characters become one id, or the ids of their bytes where the vocabulary has byte pieces.
    /// </summary>
    /// <param name="sentence">Normalized UTF-8.</param>
    /// <param name="window">A buffer for the search.</param>
    /// <param name="ids">Receives the ids.</param>
    /// <param name="enough">Stop early when <paramref name="ids"/> has this many; those are final.</param>
    public void Encode(ReadOnlySpan<byte> sentence, ref PooledList<End> window, ref PooledList<int> ids, int enough)
    {
        var sentenceStart = ids.Count;
        var windowStart = 0;
        OpenWindow(ref window, score: 0);
        for (var at = 0; at < sentence.Length;)
        {
            // If no candidate reaches further, every path passes through here: everything before is decided, and a new window begins. This
            // happens before every word, because only the starts of pieces contain a space.
            if (at > windowStart && at == windowStart + window.Count - 1)
            {
                var score = window.Storage[at - windowStart].Score;
                EmitBestPath(sentence[windowStart..], ref window, ref ids, sentenceStart);
                if (ids.Count >= enough)
                    return;
                OpenWindow(ref window, score);
                windowStart = at;
            }

            var characterBytes = Math.Min(Utf8Character.Length(sentence[at]), sentence.Length - at);
            OfferFrom(sentence[at..], at - windowStart, characterBytes, ref window);
            at += characterBytes;
        }

        EmitBestPath(sentence[windowStart..], ref window, ref ids, sentenceStart);
    }

    private static void OpenWindow(ref PooledList<End> window, float score)
    {
        window.Truncate(0);
        window.Add(new End { Score = score, Start = 0 });
    }

    /// <summary>Offers every piece that starts here, and the unknown character if no piece is exactly this character.</summary>
    private void OfferFrom(ReadOnlySpan<byte> rest, int start, int characterBytes, ref PooledList<End> window)
    {
        var scoreUntilHere = window.Storage[start].Score;
        var characterIsPiece = false;
        var node = PieceTrie.Root;
        for (var i = 0; i < rest.Length && _trie.TryStep(ref node, rest[i], out var piece, out var score); i++)
        {
            if (piece == PieceTrie.NoPiece)
                continue;
            var gain = _isUserDefined is not null && _isUserDefined[piece] ? ((i + 1) * _bestScore) - 0.1 : score;
            Offer(ref window, start, start + i + 1, piece, gain + scoreUntilHere);
            characterIsPiece |= i + 1 == characterBytes;
        }

        if (!characterIsPiece)
            Offer(ref window, start, start + characterBytes, T5Tokenizer.UnknownId, _unknownScore + scoreUntilHere);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Offer(ref PooledList<End> window, int start, int end, int piece, double score)
    {
        while (window.Count <= end)
            window.Add(new End { Start = End.Unreached });
        ref var best = ref window.Storage[end];
        if (best.Start != End.Unreached && !(score > best.Score))
            return;
        best.Score = (float)score;
        best.Start = start;
        best.Piece = piece;
    }

    private void EmitBestPath(ReadOnlySpan<byte> text, ref PooledList<End> window, ref PooledList<int> ids, int sentenceStart)
    {
        var ends = window.Storage[..window.Count];
        for (var at = ends.Length - 1; at > 0; at = ends[at].Start)
            ends[ends[at].Start].Next = at;

        for (var at = 0; at < ends.Length - 1;)
        {
            at = ends[at].Next;
            var piece = ends[at].Piece;
            if (piece == T5Tokenizer.UnknownId && _byteIds is not null)
            {
                foreach (var b in text[ends[at].Start..at])
                    ids.Add(_byteIds[b]);
                continue;
            }

            var mergesWithUnknown = piece == T5Tokenizer.UnknownId && ids.Count > sentenceStart && ids.Written[^1] == T5Tokenizer.UnknownId;
            if (!mergesWithUnknown)
                ids.Add(piece);
        }
    }

    /// <summary>The best path from the start of the window to one position.</summary>
    internal struct End
    {
        public const int Unreached = -1;

        /// <summary>Sum of the scores since the start of the sentence.</summary>
        public float Score;

        /// <summary>Start of the path's last piece, in bytes from the start of the window.</summary>
        public int Start;

        /// <summary>The path's last piece.</summary>
        public int Piece;

        /// <summary>End of the next piece of the chosen path; set when the path is read.</summary>
        public int Next;
    }
}

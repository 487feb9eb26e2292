using ResidualPrompts.Backbones;
using static TorchSharp.torch;

namespace ResidualPrompts.Inspection;

/// <summary>A token of the vocabulary near a row.</summary>
/// <param name="Id">Its token id.</param>
/// <param name="Piece">Its text, with ▁ for a space; null for a backbone without a tokenizer.</param>
/// <param name="Value">Cosine or L2 distance between the token's embedding and the row.</param>
internal sealed record NearPiece(int Id, string? Piece, double Value);

/// <summary>A row of a prompt and its nearest tokens.</summary>
/// <param name="Length">L2 norm of the row.</param>
/// <param name="Moved">L2 distance from the initial row; null when the initial row was not kept.</param>
/// <param name="CosineWithStart">Cosine with the initial row; null when the initial row was not kept.</param>
/// <param name="NearestByCosine">Tokens with the highest cosine, highest first.</param>
/// <param name="NearestByDistance">Tokens with the smallest L2 distance, smallest first.</param>
internal sealed record InspectedRow(
    double Length, double? Moved, double? CosineWithStart, IReadOnlyList<NearPiece> NearestByCosine, IReadOnlyList<NearPiece> NearestByDistance);

/// <summary>L2 norms of a vocabulary's embeddings.</summary>
/// <param name="PieceCount">Number of tokens; unused rows of the embedding matrix do not count.</param>
/// <param name="Mean">The mean norm.</param>
/// <param name="Smallest">The smallest norm.</param>
/// <param name="Largest">The largest norm.</param>
/// <param name="Deviation">Standard deviation of all values of the embedding matrix, unused rows included.</param>
internal sealed record VocabularyLengths(int PieceCount, double Mean, double Smallest, double Largest, double Deviation);

/// <summary>A backbone's vocabulary as points in the embedding space, to inspect prompts with. It borrows the backbone.</summary>
internal sealed class VocabularyView : IDisposable
{
    /// <summary>Additional candidates, which are sorted by their exact distances.</summary>
    private const int SpareCandidates = 8;
    private const double LeastLength = 1e-12;
    private readonly Backbone _backbone;
    private readonly Tensor _embedding; // [V, H], rows of tokens only
    private readonly Tensor _lengths; // [V]

    /// <summary>Creates a view of a backbone's vocabulary.</summary>
    /// <param name="backbone">The backbone.</param>
    public VocabularyView(Backbone backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        using var scope = NewDisposeScope();
        _backbone = backbone;
        var matrix = backbone.Model.Weights["shared.weight"].detach();
        var count = backbone.HasTokenizer ? Math.Min(backbone.Tokenizer.VocabularySize, matrix.shape[0]) : matrix.shape[0];
        _embedding = matrix.narrow(0, 0, count).to_type(ScalarType.Float32).DetachFromDisposeScope();
        _lengths = _embedding.square().sum(1).sqrt().DetachFromDisposeScope();
        Lengths = new VocabularyLengths(
            (int)count, _lengths.mean().item<float>(), _lengths.min().item<float>(), _lengths.max().item<float>(), backbone.EmbeddingDeviation);
    }

    /// <summary>Norms of the vocabulary, for comparison with the norms of rows.</summary>
    public VocabularyLengths Lengths { get; }

    /// <summary>Inspects every row of a prompt.</summary>
    /// <param name="rows">f32[P, H].</param>
    /// <param name="start">The initial rows, f32[P, H], or null.</param>
    /// <param name="count">Number of nearest tokens to list per row.</param>
    public IReadOnlyList<InspectedRow> Inspect(Tensor rows, Tensor? start, int count)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        count = Math.Min(count, Lengths.PieceCount);
        var products = rows.matmul(_embedding.t()); // [P, V]
        var cosines = products / (PromptSimilarity.LengthsOf(rows).unsqueeze(1) * _lengths).clamp_min(LeastLength);
        var squares = _lengths.square() - (2 * products); // [P, V], without the row's own square
        var farthest = Math.Min(count + SpareCandidates, Lengths.PieceCount);
        var (cosine, cosineIds) = cosines.topk(count, 1);
        var candidates = squares.topk(farthest, 1, largest: false).indexes;
        return [.. Enumerable.Range(0, (int)rows.shape[0]).Select(row => Inspect(
            rows[row], start?[row], Pieces(cosineIds[row], cosine[row]), [.. ByDistance(rows[row], candidates[row]).Take(count)]))];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _embedding.Dispose();
        _lengths.Dispose();
    }

    private static InspectedRow Inspect(Tensor row, Tensor? start, NearPiece[] byCosine, NearPiece[] byDistance)
    {
        var length = row.norm().item<float>();
        if (start is null)
            return new InspectedRow(length, null, null, byCosine, byDistance);
        var cosine = row.dot(start).item<float>() / Math.Max(length * start.norm().item<float>(), LeastLength);
        return new InspectedRow(length, (row - start).norm().item<float>(), Math.Clamp(cosine, -1, 1), byCosine, byDistance);
    }

    private IEnumerable<NearPiece> ByDistance(Tensor row, Tensor ids) =>
        Pieces(ids, (_embedding.index_select(0, ids) - row).square().sum(1).sqrt()).OrderBy(piece => piece.Value);

    private NearPiece[] Pieces(Tensor ids, Tensor values) =>
        [.. ids.data<long>().ToArray().Zip(
            values.data<float>().ToArray(),
            (id, value) => new NearPiece((int)id, _backbone.HasTokenizer ? _backbone.Tokenizer.PieceOf((int)id) : null, value))];
}

using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>Initial rows f32[P, H] of a prompt, computed from tensors alone.</summary>
internal static class PromptInitialization
{
    /// <summary>Rows of the embedding matrix, drawn without repetition as long as there are enough candidates.</summary>
    /// <param name="embedding">[V, H]</param>
    /// <param name="candidateIds">Ids to draw from.</param>
    /// <param name="count">Number of rows, P.</param>
    /// <param name="generator">Source of randomness.</param>
    public static Tensor Sampled(Tensor embedding, IReadOnlyList<int> candidateIds, int count, Generator generator)
    {
        ArgumentNullException.ThrowIfNull(candidateIds);
        ArgumentOutOfRangeException.ThrowIfZero(candidateIds.Count);
        using var scope = NewDisposeScope();
        var order = randperm(candidateIds.Count, generator: generator).data<long>().ToArray();
        return Rows(embedding, Enumerable.Range(0, count).Select(i => candidateIds[(int)order[i % order.Length]])).MoveToOuterDisposeScope();
    }

    /// <summary>The embeddings of a text's tokens, truncated or repeated to the given length.</summary>
    /// <param name="embedding">[V, H]</param>
    /// <param name="tokenIds">At least one token.</param>
    /// <param name="count">Number of rows, P.</param>
    public static Tensor OfTokens(Tensor embedding, IReadOnlyList<int> tokenIds, int count)
    {
        ArgumentNullException.ThrowIfNull(tokenIds);
        ArgumentOutOfRangeException.ThrowIfZero(tokenIds.Count);
        return Rows(embedding, Enumerable.Range(0, count).Select(i => tokenIds[i % tokenIds.Count]));
    }

    /// <summary>
    /// One row per label, the mean of its tokens' embeddings; the other rows as given (class-label initialization of Lester et al. 2021, section
    /// 3.2). With more labels than rows, the first labels are used.
    /// </summary>
    /// <param name="embedding">[V, H]</param>
    /// <param name="labels">Token ids of each label, without eos.</param>
    /// <param name="others">[P, H]: the prompt whose first rows the labels replace.</param>
    public static Tensor OfLabels(Tensor embedding, IReadOnlyList<int[]> labels, Tensor others)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(others);
        using var scope = NewDisposeScope();
        var rows = others.clone();
        for (var i = 0; i < Math.Min(labels.Count, rows.shape[0]); i++)
            rows[i] = Rows(embedding, labels[i]).mean([0]);
        return rows.MoveToOuterDisposeScope();
    }

    /// <summary>Rows uniform in (−range, range).</summary>
    /// <param name="count">Number of rows, P.</param>
    /// <param name="hiddenSize">Width, H.</param>
    /// <param name="range">Largest absolute value; the original's is 0.5.</param>
    /// <param name="generator">Source of randomness.</param>
    public static Tensor Uniform(int count, int hiddenSize, double range, Generator generator)
    {
        using var scope = NewDisposeScope();
        return ((rand([count, hiddenSize], generator: generator) * (2 * range)) - range).MoveToOuterDisposeScope();
    }

    private static Tensor Rows(Tensor embedding, IEnumerable<int> ids)
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        var rows = embedding.index_select(0, tensor(ids.Select(id => (long)id).ToArray(), device: embedding.device));
        return rows.to_type(ScalarType.Float32).cpu().MoveToOuterDisposeScope();
    }
}

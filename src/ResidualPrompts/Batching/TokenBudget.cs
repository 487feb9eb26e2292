namespace ResidualPrompts.Batching;

/// <summary>
/// Groups examples of similar length into batches, so that padding is small. The longest come first: if the largest batch runs out of memory, it does
/// so at once. A batch is limited in padded tokens and in examples.
/// </summary>
/// <remarks>
/// For example, lengths (3, 5) with <c>MaxTokens</c> 10 give one batch, [1, 0]: 2 examples of width 5 are 10 padded tokens. With <c>MaxTokens</c> 9
/// they give two batches, [1] of 5 tokens and [0] of 3.
/// </remarks>
/// <param name="MaxTokens">Maximum padded tokens of a batch; a longer example is a batch by itself.</param>
/// <param name="MaxExamples">Maximum examples of a batch.</param>
internal sealed record TokenBudget(int MaxTokens = 4096, int MaxExamples = 64)
{
    /// <summary>Returns the indices of each batch's examples; every index occurs once.</summary>
    /// <param name="lengths">Tokens of each example, including virtual ones.</param>
    public IEnumerable<int[]> Group(IReadOnlyList<int> lengths)
    {
        var order = Enumerable.Range(0, lengths.Count).OrderByDescending(i => lengths[i]).ToArray(); // a stable sort
        var start = 0;
        while (start < order.Length)
        {
            var width = Math.Max(1, lengths[order[start]]);
            var count = Math.Clamp(MaxTokens / width, 1, Math.Min(MaxExamples, order.Length - start));
            yield return order[start..(start + count)];
            start += count;
        }
    }
}

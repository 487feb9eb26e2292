namespace ResidualPrompts.Batching;

/// <summary>
/// Groups examples of like length, so that little is padded: longest first (the largest batch runs out of memory at once or never),
/// with a bound on the padded tokens of a batch and on its examples.
/// </summary>
/// <param name="MaxTokens">Most padded tokens of a batch; an example longer than that is a batch of its own.</param>
/// <param name="MaxExamples">Most examples of a batch.</param>
public sealed record TokenBudget(int MaxTokens = 4096, int MaxExamples = 64)
{
    /// <summary>Indices of the examples of each batch; every index occurs once.</summary>
    /// <param name="lengths">Tokens of each example, virtual ones included.</param>
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

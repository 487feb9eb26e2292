namespace ResidualPrompts.Compute;

/// <summary>The rows of one example in a batch.</summary>
/// <param name="Example">The example's index in the batch.</param>
/// <param name="FirstRow">Index of its first row.</param>
/// <param name="QueryCount">Number of its rows.</param>
/// <param name="KeyCount">Number of its valid rows.</param>
internal readonly record struct AttentionSpan(int Example, int FirstRow, int QueryCount, int KeyCount);

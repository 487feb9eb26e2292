namespace ResidualPrompts.Compute;

/// <summary>One example among the rows of a batch.</summary>
/// <param name="Example">Its place in the batch.</param>
/// <param name="FirstRow">Where its rows begin.</param>
/// <param name="QueryCount">Its rows.</param>
/// <param name="KeyCount">Rows of it that are valid.</param>
internal readonly record struct AttentionSpan(int Example, int FirstRow, int QueryCount, int KeyCount);

using ResidualPrompts.Data;

namespace ResidualPrompts.Batching;

/// <summary>Rows of a split with their ids.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Examples">The ids of each row.</param>
/// <param name="CutCount">Rows whose text was too long and lost its end.</param>
public sealed record EncodedSplit(IReadOnlyList<Example> Rows, IReadOnlyList<EncodedExample> Examples, int CutCount);

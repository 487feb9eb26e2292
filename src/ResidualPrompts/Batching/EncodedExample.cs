namespace ResidualPrompts.Batching;

/// <summary>The ids of one example.</summary>
/// <param name="InputIds">Token ids of the input, eos included, without padding.</param>
/// <param name="TargetIds">Token ids that the model must produce, eos included; null when only scored or generated.</param>
/// <param name="CandidateIds">Token ids, eos included, of the answers that this example may have, where they differ by example; null
/// elsewhere.</param>
public sealed record EncodedExample(int[] InputIds, int[]? TargetIds = null, IReadOnlyList<int[]>? CandidateIds = null);

namespace ResidualPrompts.Batching;

/// <summary>Token ids of one example.</summary>
/// <param name="InputIds">Input ids, including eos, without padding.</param>
/// <param name="TargetIds">Ids that the model must produce, including eos; null when the example is only scored or generated for.</param>
/// <param name="CandidateIds">Ids of the candidate answers, including eos, where candidates differ by example; null elsewhere.</param>
internal sealed record EncodedExample(int[] InputIds, int[]? TargetIds = null, IReadOnlyList<int[]>? CandidateIds = null);

namespace ResidualPrompts.Compute.Choices;

/// <summary>Reads the names by which a run's record says who computed each operation.</summary>
internal static class RecordedNames
{
    /// <summary>
    /// The name of each operation. Records of earlier versions lack two: libtorch computed the norms that are not part of a product, and
    /// self-attention was the same with and without dropout.
    /// </summary>
    /// <param name="recorded">Names by operation, and other keys.</param>
    internal static IEnumerable<KeyValuePair<Operations, string>> Of(IReadOnlyDictionary<string, string> recorded)
    {
        foreach (var (operation, key) in OperationNames.All)
        {
            var earlier = operation == Operations.SelfAttentionWithDropout ? OperationNames.All[Operations.SelfAttention] : key;
            var name = recorded.GetValueOrDefault(key) ?? recorded.GetValueOrDefault(earlier) ?? OperationKernels.LibTorchName;
            yield return KeyValuePair.Create(operation, name.Replace(OperationKernels.WhereWeightsTrain, "", StringComparison.Ordinal));
        }
    }
}

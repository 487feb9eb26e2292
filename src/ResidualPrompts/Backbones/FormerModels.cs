namespace ResidualPrompts.Backbones;

/// <summary>
/// Earlier versions of bundled models. What was trained on one does not fit its successor (docs/decisions/0021-scale-of-the-bundled-model.md), and
/// its name alone cannot say why.
/// </summary>
internal static class FormerModels
{
    /// <summary>Weights digest of the first <c>t5-nano</c> (docs/formats.md).</summary>
    internal const string FirstNano = "sha256:88b5243c650aa10ef089f43b161aff0fef628d4cccebc79e4b1a9ca12021b981";

    /// <summary>SHA-256 of the first <c>t5-nano</c>'s <c>model.safetensors</c>, by which a run names it.</summary>
    internal const string FirstNanoFile = "eb7b82ecb0a3d8be75ff0c992fabc5e800c1cf99881da496ee6debf127f40901";

    /// <summary>Says that a bundled model changed; null where the digest is of no earlier version.</summary>
    /// <param name="digest">The weights digest of a contract, or the SHA-256 of a file of weights.</param>
    internal static string? Explanation(string digest) => digest is FirstNano or FirstNanoFile
        ? "The bundled t5-nano changed: its embeddings are 4 times as large as they were when this was trained, so it must be trained again."
        : null;
}

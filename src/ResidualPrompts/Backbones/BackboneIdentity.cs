using ResidualPrompts.Models.T5;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Backbones;

/// <summary>Identifies the backbone that a prompt belongs to: a name for people, digests for comparison (docs/formats.md).</summary>
/// <param name="Name">A bundled name, a hub name or a folder.</param>
/// <param name="Revision">The hub's commit, or null.</param>
/// <param name="WeightsDigest">Digest of names, shapes and bfloat16 values; the same for every stored form of a model.</param>
/// <param name="TokenizerDigest">Digest of the bytes of <c>spiece.model</c>, or of <c>tokenizer.json</c> where that is missing, and of added tokens
/// and other rules for spaces, where there are any; null without a tokenizer.</param>
/// <param name="HiddenSize">Width of a row, H.</param>
public sealed record BackboneIdentity(string Name, string? Revision, string WeightsDigest, string? TokenizerDigest, int HiddenSize)
{
    private const string Algorithm = "sha256:";

    /// <summary>Identifies a backbone. The digest of a large model is kept in the user's cache folder.</summary>
    /// <param name="backbone">The backbone.</param>
    /// <param name="name">Its name: the name or folder that it was loaded from. A folder of the hub's cache is replaced by the hub's name.</param>
    /// <exception cref="InputException">Its files have been removed or damaged since it was loaded.</exception>
    public static BackboneIdentity Of(Backbone backbone, string name)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        // Once: the identity is that of the weights in memory, also if the folder is written again later.
        var identity = backbone.Identity ??= Of(
            backbone.Folder, name, backbone.HasTokenizer ? backbone.Tokenizer : null, backbone.Model.Config.HiddenSize);
        return identity.Revision is null ? identity with { Name = name } : identity;
    }

    internal static BackboneIdentity Of(string folder, string name, int hiddenSize) =>
        Of(folder, name, T5Tokenizer.ExistsIn(folder) ? T5Tokenizer.Load(folder) : null, hiddenSize);

    private static BackboneIdentity Of(string folder, string name, T5Tokenizer? tokenizer, int hiddenSize)
    {
        var (hubName, revision) = HubSnapshot(folder);
        return new BackboneIdentity(
            hubName ?? name, revision, Algorithm + T5Folder.WeightsDigest(folder),
            tokenizer is null ? null : Algorithm + tokenizer.Digest, hiddenSize);
    }

    /// <summary>Lists the differences to another backbone, one per entry. Names are not compared.</summary>
    /// <param name="other">The backbone to use the prompt with.</param>
    public IReadOnlyList<string> Differences(BackboneIdentity other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var found = new List<string>();
        if (HiddenSize != other.HiddenSize)
            found.Add($"hidden size {HiddenSize}, found {other.HiddenSize}");
        if (WeightsDigest != other.WeightsDigest)
            found.Add($"weights {Short(WeightsDigest)}, found {Short(other.WeightsDigest)}");
        if (TokenizerDigest != other.TokenizerDigest && TokenizerDigest is not null)
            found.Add($"tokenizer {Short(TokenizerDigest)}, found {(other.TokenizerDigest is null ? "none" : Short(other.TokenizerDigest))}");
        return found;
    }

    private static string Short(string digest) => digest.Length > Algorithm.Length + 12 ? digest[..(Algorithm.Length + 12)] + "…" : digest;

    /// <summary>Returns name and commit of a folder <c>models--ORG--NAME/snapshots/COMMIT</c> in the hub's cache.</summary>
    private static (string? Name, string? Revision) HubSnapshot(string folder)
    {
        const string Prefix = "models--";
        var parts = Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar).Split(Path.DirectorySeparatorChar);
        return parts is [.., var repository, "snapshots", var commit] && repository.StartsWith(Prefix, StringComparison.Ordinal)
            ? (repository[Prefix.Length..].Replace("--", "/", StringComparison.Ordinal), commit)
            : (null, null);
    }
}

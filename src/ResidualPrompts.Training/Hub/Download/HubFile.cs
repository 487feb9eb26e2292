namespace ResidualPrompts.Hub.Download;

/// <summary>What the hub says about a file before it is downloaded.</summary>
/// <param name="Commit">The commit that holds it.</param>
/// <param name="ETag">Its digest: SHA-256 of a large file, git's SHA-1 of a small one.</param>
/// <param name="Size">Its bytes, or null when the hub does not say.</param>
internal sealed record HubFile(string Commit, string ETag, long? Size);

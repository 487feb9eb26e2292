namespace ResidualPrompts.Hub.Download;

/// <summary>A file's metadata on the hub.</summary>
/// <param name="Commit">The commit with the file.</param>
/// <param name="ETag">Its digest: SHA-256 of a large file, git's SHA-1 of a small one.</param>
/// <param name="Size">Its size in bytes; null when the hub does not send it.</param>
internal sealed record HubFile(string Commit, string ETag, long? Size);

namespace ResidualPrompts.Hub.Download;

/// <summary>How far the download of a file is.</summary>
/// <param name="File">Its name in the repository.</param>
/// <param name="Received">Bytes on this machine.</param>
/// <param name="Size">All bytes, or null when the hub does not say.</param>
public sealed record HubProgress(string File, long Received, long? Size);

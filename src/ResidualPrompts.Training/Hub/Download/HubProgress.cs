namespace ResidualPrompts.Hub.Download;

/// <summary>The progress of a file's download.</summary>
/// <param name="File">Its name in the repository.</param>
/// <param name="Received">Bytes received so far.</param>
/// <param name="Size">Size in bytes; null when the hub does not send it.</param>
public sealed record HubProgress(string File, long Received, long? Size);

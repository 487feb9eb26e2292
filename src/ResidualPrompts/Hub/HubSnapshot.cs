namespace ResidualPrompts.Hub;

/// <summary>The files of a repository on this machine.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">The commit of the files.</param>
/// <param name="Folder">The folder that holds them; for a data set, the folder of the requested configuration.</param>
/// <param name="Note">A note for the user, such as that the hub was not reached; or null.</param>
public sealed record HubSnapshot(HubRepository Repository, string Commit, string Folder, string? Note = null);

namespace ResidualPrompts.Hub;

/// <summary>The files of a repository on this machine.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">The commit that the files are of.</param>
/// <param name="Folder">The folder that holds them; of a data set, the folder of the configuration asked for.</param>
/// <param name="Note">What a user should know, such as that the hub was not reached; or null.</param>
public sealed record HubSnapshot(HubRepository Repository, string Commit, string Folder, string? Note = null);

namespace ResidualPrompts.Hub;

/// <summary>The files of a repository on this machine.</summary>
public sealed class HubSnapshot
{
    internal HubSnapshot(HubRepository repository, string commit, string folder, string? note = null) =>
        (Repository, Commit, Folder, Note) = (repository, commit, folder, note);

    /// <summary>The commit that the files are of.</summary>
    public string Commit { get; }

    /// <summary>The folder that holds them; of a data set, the folder of the configuration asked for.</summary>
    public string Folder { get; }

    /// <summary>What a user should know, such as that the hub was not reached; or null.</summary>
    public string? Note { get; }

    internal HubRepository Repository { get; }

    internal HubSnapshot WithNote(string note) => new(Repository, Commit, Folder, note);
}

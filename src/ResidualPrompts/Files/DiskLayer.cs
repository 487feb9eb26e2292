namespace ResidualPrompts.Files;

/// <summary>What is done to the disk.</summary>
internal enum DiskOperation
{
    /// <summary>A new file.</summary>
    Create,

    /// <summary>A file is opened for writing, or made.</summary>
    Open,

    /// <summary>Bytes go to the system.</summary>
    Write,

    /// <summary>A file is cut.</summary>
    SetLength,

    /// <summary>The content of a file goes to the disk.</summary>
    Flush,

    /// <summary>A file takes another's name.</summary>
    Rename,

    /// <summary>A symbolic link.</summary>
    Link,

    /// <summary>A file or an empty folder goes.</summary>
    Delete,

    /// <summary>The time of a file.</summary>
    Touch,

    /// <summary>A folder.</summary>
    CreateFolder,

    /// <summary>The names in a folder go to the disk.</summary>
    SyncFolder,
}

/// <summary>What a test puts into <see cref="Disk"/>.</summary>
internal abstract class DiskLayer
{
    /// <summary>Is asked before each operation; what it throws is thrown instead of the operation.</summary>
    /// <param name="operation">What is about to be done.</param>
    /// <param name="path">To which file or folder.</param>
    /// <param name="byteCount">For a write, the bytes; else 0.</param>
    /// <returns>How many of them to write, at least one; the rest is asked for again. So a write can be torn.</returns>
    internal abstract int Before(DiskOperation operation, string path, int byteCount);
}

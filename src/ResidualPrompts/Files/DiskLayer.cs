namespace ResidualPrompts.Files;

/// <summary>Operations on the disk.</summary>
internal enum DiskOperation
{
    /// <summary>Creates a new file.</summary>
    Create,

    /// <summary>Opens or creates a file for writing.</summary>
    Open,

    /// <summary>Writes bytes to the system.</summary>
    Write,

    /// <summary>Truncates a file.</summary>
    SetLength,

    /// <summary>Flushes a file's content to the disk.</summary>
    Flush,

    /// <summary>Renames a file.</summary>
    Rename,

    /// <summary>Creates a symbolic link, or gives a file a second name.</summary>
    Link,

    /// <summary>Deletes a file or an empty folder.</summary>
    Delete,

    /// <summary>Sets a file's time.</summary>
    Touch,

    /// <summary>Creates a folder.</summary>
    CreateFolder,

    /// <summary>Flushes the names in a folder to the disk.</summary>
    SyncFolder,
}

/// <summary>A layer that a test installs in <see cref="Disk"/>.</summary>
internal abstract class DiskLayer
{
    /// <summary>Whether files may have second names, as on most file systems.</summary>
    internal virtual bool GivesSecondNames => true;

    /// <summary>Called before each operation. If it throws, the operation does not happen.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="path">Its file or folder.</param>
    /// <param name="byteCount">Bytes of a write; else 0.</param>
    /// <returns>How many of the bytes to write, at least one; it is called again for the rest. This can tear a write.</returns>
    internal abstract int Before(DiskOperation operation, string path, int byteCount);
}

using ResidualPrompts.Files;

namespace ResidualPrompts.Testing;

/// <summary>What becomes of an operation.</summary>
internal enum DiskFault
{
    /// <summary>It fails as on a full disk; later ones succeed. Of a write, the first half is done.</summary>
    Fails,

    /// <summary>
    /// The process dies: neither this operation nor any later one is done, not even to clean up. Of a write, the first half is done.
    /// </summary>
    Kills,
}

/// <summary>The end of a process that a test goes on after.</summary>
internal sealed class KilledException() : Exception("killed");

/// <summary>Counts what is done to the disk, and has something happen at one of the operations.</summary>
/// <param name="at">Which operation, from 1; 0 = none.</param>
/// <param name="fault">What happens.</param>
internal sealed class FaultyDisk(int at = 0, DiskFault fault = DiskFault.Kills) : DiskLayer
{
    private bool _isTorn;
    private bool _isDead;

    /// <summary>Operations so far.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether the operation was reached.</summary>
    internal bool HasStruck { get; private set; }

    /// <summary>Runs something on this disk.</summary>
    /// <returns>What became of it: null, or what it threw because of the fault.</returns>
    internal Exception? Run(Action action)
    {
        Disk.Use(this);
        try
        {
            action();
            return null;
        }
        catch (Exception e) when (HasStruck)
        {
            return e;
        }
        finally
        {
            Disk.Use(null);
        }
    }

    internal override int Before(DiskOperation operation, string path, int byteCount)
    {
        if (_isDead)
            throw new KilledException();
        if (!_isTorn && ++Count != at)
            return byteCount;
        HasStruck = true;
        if (operation == DiskOperation.Write && byteCount > 1 && !_isTorn)
        {
            _isTorn = true;
            return byteCount / 2;
        }

        _isTorn = false;
        if (fault == DiskFault.Fails)
            throw new IOException(Full);
        _isDead = true;
        throw new KilledException();
    }

    private const string Full = "no space left (test)";
}

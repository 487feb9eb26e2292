using System.Collections.Concurrent;
using ResidualPrompts.Files;

namespace ResidualPrompts.Runs.Locking;

/// <summary>
/// Restricts a run directory, or the folder of a study, to one process, also where several hosts share it. The lock is a file that only one process
/// can create; it names its holder, who gives a sign of life every 30 seconds by setting the file's time. The system's locks play no part. What
/// is stale (<see cref="LockFile.IsStale"/>) is taken over: only who holds a second lock, the guard, may remove it, so that nobody removes the
/// lock of another one who was faster. The guard is a lock like any.
/// </summary>
internal sealed class RunLock : IDisposable
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly ConcurrentDictionary<string, bool> TokensHere = [];
    private const int MostTries = 100;
    private const string Guard = ".guard";

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly LockHolder _holder;
    private readonly byte[] _content;
    private readonly Timer _timer;
    private DateTime _renewed = DateTime.UtcNow;
    private bool _isLost;
    private bool _isReleased;

    private RunLock(string path, LockHolder holder, byte[] content, bool excludes)
    {
        (_path, _holder, _content, Excludes) = (path, holder, content, excludes);
        using (ExecutionContext.SuppressFlow()) // a disk of the caller's is not the timer's
            _timer = new Timer(_ => Renew(), null, Interval, Interval);
    }

    /// <summary>Whether the file system keeps a second process out.</summary>
    internal bool Excludes { get; }

    /// <summary>Whether another process has taken the lock over, or somebody has removed it.</summary>
    internal bool IsLost => _isLost;

    /// <summary>What the user should know about locks in this folder; null = nothing.</summary>
    internal string? Problem => Excludes ? null
        : $"Nothing keeps a second process out of '{Path.GetDirectoryName(_path)}': its file system creates a file that exists. "
            + "Take care that no two processes train there.";

    /// <summary>Takes the lock.</summary>
    /// <exception cref="RunException">Another process holds it; the message names it.</exception>
    internal static RunLock Take(RunDirectory directory)
    {
        try
        {
            PlainFile.Require(directory.Lock);
            var held = Take(directory.Lock, out var found, out var now)
                ?? throw RunException.Locked(directory.Path, found?.Describe(now) ?? RunEnvironment.Holder(directory));
            try
            {
                ExclusiveFile.RemoveLeftovers(directory.Lock);
                return held;
            }
            catch
            {
                held.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(directory.Path, e);
        }
    }

    /// <summary>Whether a process holds the lock.</summary>
    internal static bool IsHeld(RunDirectory directory)
    {
        try
        {
            return LockFile.Read(directory.Lock)?.IsStale(DateTime.UtcNow) == false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return File.Exists(directory.Lock);
        }
    }

    /// <summary>Whether this process holds a lock that names it, and did not leave it behind.</summary>
    internal static bool IsOfThisProcess(LockHolder holder) => TokensHere.ContainsKey(holder.Token);

    /// <summary>Checks that the lock was not lost, which happens to a process that was suspended for long.</summary>
    /// <param name="looks">Whether to look at once: before something is written that another process may rely on.</param>
    /// <exception cref="RunException">It was lost.</exception>
    internal void Require(bool looks = true)
    {
        if (looks || DateTime.UtcNow - _renewed > 2 * Interval)
            Renew();
        if (_isLost)
            throw RunException.LockLost(Path.GetDirectoryName(_path)!, LockFile.Read(_path)?.Holder?.ToString());
    }

    /// <summary>Gives a sign of life, or finds that the lock is lost.</summary>
    internal void Renew()
    {
        lock (_gate)
        {
            if (_isReleased || _isLost)
                return;
            try
            {
                var now = DateTime.UtcNow;
                _isLost = LockFile.Read(_path)?.Has(_content) != true;
                if (_isLost)
                    return;
                Disk.Touch(_path);
                _renewed = now;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException)
            {
                // The file system does not answer; the next sign may come through.
            }
        }
    }

    /// <summary>Releases the lock. A file that cannot be removed is ignored and never hides an earlier failure.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isReleased)
                return;
            _isReleased = true;
        }

        _timer.Dispose();
        try
        {
            Release();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException)
        {
            // Other processes wait until this one ends.
        }
        finally
        {
            TokensHere.TryRemove(_holder.Token, out _); // afterwards: who finds the file without it takes it over
        }
    }

    private void Release()
    {
        if (_isLost)
            return;
        if (DateTime.UtcNow - _renewed < LockFile.Lapse / 2)
        {
            Disk.Delete(_path);
            return;
        }

        using var guard = Take(_path + Guard, out _, out _); // another process may just be taking it over
        if (guard is not null && LockFile.Read(_path)?.Has(_content) == true)
            Disk.Delete(_path);
    }

    private static RunLock? Take(string path, out LockFile? found, out DateTime now)
    {
        (found, now) = (null, default);
        for (var tries = 0; tries < MostTries; tries++)
        {
            if (TryCreate(path, out found, out now) is { } held)
            {
                if (File.Exists(path + Guard))
                    RemoveGuard(held);
                return held;
            }

            if (found is null)
                continue; // it was released meanwhile
            if (!found.IsStale(now))
                return null;
            if (!TakeOver(path, found))
                Thread.Sleep(Pause);
        }

        return null;
    }

    /// <summary>Creates the lock; else says which one is there.</summary>
    private static RunLock? TryCreate(string path, out LockFile? found, out DateTime now)
    {
        var holder = LockHolder.Create();
        var content = holder.ToBytes();
        RunLock? held = null;
        TokensHere[holder.Token] = true; // before the file is there, so that this process never finds it without
        try
        {
            var creation = ExclusiveFile.TryCreate(path, content);
            (found, now) = (LockFile.Read(path), creation.Now);
            // Not whether the creation succeeded: over a network its answer may be lost.
            return held = found?.Has(content) == true ? new RunLock(path, holder, content, creation.Excludes) : null;
        }
        finally
        {
            if (held is null)
                TokensHere.TryRemove(holder.Token, out _);
        }
    }

    private static bool TakeOver(string path, LockFile stale)
    {
        using var guard = Take(path + Guard, out _, out _);
        if (guard is null)
            return false;
        if (LockFile.Read(path)?.IsSame(stale) == true)
            Disk.Delete(path);
        return true;
    }

    /// <summary>A process that was killed while it took the lock over has left the guard.</summary>
    private static void RemoveGuard(RunLock held)
    {
        try
        {
            Take(held._path + Guard, out _, out _)?.Dispose();
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }
}

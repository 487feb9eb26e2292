using System.Globalization;
using ResidualPrompts.Files;

namespace ResidualPrompts.Runs.Locking;

/// <summary>The file of a lock, as it was found. To look at it takes nothing.</summary>
/// <param name="Path">The file.</param>
/// <param name="Content">Its content.</param>
/// <param name="Renewed">When the holder last gave a sign of life, by the clock of the file system.</param>
/// <param name="Holder">The holder; null where the content does not tell: a process that was killed there, or one of an earlier version.</param>
internal sealed record LockFile(string Path, byte[] Content, DateTime Renewed, LockHolder? Holder)
{
    /// <summary>Without a sign of life for so long, a holder that cannot be asked is taken for dead.</summary>
    internal static readonly TimeSpan Lapse = TimeSpan.FromMinutes(5);

    private const int Longest = 1 << 16;

    /// <summary>Reads the file; null where there is none.</summary>
    internal static LockFile? Read(string path)
    {
        try
        {
            using var file = PlainFile.Open(path, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[Math.Min(file.Length, Longest)];
            var count = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            content = content[..count];
            return new LockFile(path, content, File.GetLastWriteTimeUtc(file.SafeFileHandle), LockHolder.Read(content));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the holder has the lock no more.</summary>
    /// <param name="now">The time by the clock of the file system.</param>
    internal bool IsStale(DateTime now) => Holder switch
    {
        null => HasLapsed(now) && !IsHeldByTheSystem(),
        { Process: { IsHere: true } process } holder when process == Native.ProcessIdentity.Current => !RunLock.IsOfThisProcess(holder),
        { Process.IsHere: true } holder => !holder.Process.Runs,
        { Job: { } job } when SchedulerJob.Current?.Continues(job) == true || SchedulerJob.IsGone(job) => true,
        _ => HasLapsed(now),
    };

    /// <summary>Whether nothing has happened to the lock since it was read another time.</summary>
    internal bool IsSame(LockFile other) => Renewed == other.Renewed && Has(other.Content);

    /// <summary>Whether this is the lock with a content.</summary>
    internal bool Has(byte[] content) => Content.AsSpan().SequenceEqual(content);

    /// <summary>The holder in words, and how long ago it gave a sign of life where that decides.</summary>
    internal string? Describe(DateTime now) => Holder is null || Holder.Process.IsHere ? Holder?.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{Holder}, which gave a sign of life {Math.Max(0, (now - Renewed).TotalSeconds):0} s ago ")
            + string.Create(CultureInfo.InvariantCulture, $"({Lapse.TotalMinutes:0} minutes without one free it)");

    private bool HasLapsed(DateTime now) => now - Renewed > Lapse;

    /// <summary>Earlier versions held an empty file by the system's lock.</summary>
    private bool IsHeldByTheSystem()
    {
        try
        {
            using var file = PlainFile.Open(Path);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}

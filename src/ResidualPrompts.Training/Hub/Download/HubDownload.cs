using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Polly;
using ResidualPrompts.Files;

namespace ResidualPrompts.Hub.Download;

/// <summary>
/// Downloads one file of a commit into the cache, holding the lock of its blob. The bytes go to <c>blobs/ETAG.XXXXXXXX.incomplete</c>, which a
/// later run continues; the file is then checked by size and digest, flushed, renamed and linked. A name without <c>.incomplete</c> is always
/// complete.
/// </summary>
internal sealed class HubDownload(HubClient client, HubCache cache, HubSettings settings, IProgress<HubProgress>? progress)
{
    private const int BufferSize = 1 << 18;
    private readonly ResiliencePipeline _transfers = HubRetry.ForTransfers(settings.RetryDelay);

    /// <summary>How many files were downloaded.</summary>
    internal int Count { get; private set; }

    /// <summary>The path of the file in the snapshot of its commit.</summary>
    /// <exception cref="HubTransferException">The download is incomplete or damaged.</exception>
    public async Task<string> GetAsync(HubRepository repository, string file, HubFile about, CancellationToken cancellationToken)
    {
        if (!HubPath.IsSafe(file))
            throw HubException.UnsafeName(repository, file);
        if (cache.Find(repository, about.Commit, file) is { } present)
            return present;
        try
        {
            cache.Prepare(repository);
            using var held = await HubLock.TakeAsync(cache.LockOf(repository, about.ETag), null, cancellationToken).ConfigureAwait(false);
            if (cache.Find(repository, about.Commit, file) is { } meanwhile)
                return meanwhile;
            var blob = cache.BlobOf(repository, about.ETag);
            var isNew = !File.Exists(blob) || (about.Size is { } size && new FileInfo(blob).Length != size);
            if (isNew)
                await FetchAsync(repository, file, about, blob, cancellationToken).ConfigureAwait(false);
            Count++;
            return cache.Link(repository, about.Commit, file, about.ETag, isNew);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw HubException.CannotWrite(cache.Folder, e);
        }
    }

    private async Task FetchAsync(HubRepository repository, string file, HubFile about, string blob, CancellationToken cancellationToken)
    {
        var partial = FindPartial(blob);
        var wasResumed = File.Exists(partial) && new FileInfo(partial).Length > 0;
        RequireRoom(about.Size is { } size ? size - (wasResumed ? new FileInfo(partial).Length : 0) : 0);
        await FillAsync(repository, file, about, partial, cancellationToken).ConfigureAwait(false);
        if (Check(file, about, partial) is { } problem)
        {
            Disk.Delete(partial);
            if (!wasResumed)
                throw problem;

            // A partial file of an earlier run may be of another version, or written out of order by another tool.
            await FillAsync(repository, file, about, partial, cancellationToken).ConfigureAwait(false);
            if (Check(file, about, partial) is { } still)
            {
                Disk.Delete(partial);
                throw still;
            }
        }

        Disk.Rename(partial, blob);
        foreach (var other in Partials(blob))
            Disk.Delete(other);
    }

    /// <summary>Nobody else writes it while this process holds the lock, so any partial file is a leftover.</summary>
    private static string FindPartial(string blob) => Partials(blob).MaxBy(path => new FileInfo(path).Length)
        ?? $"{blob}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.incomplete";

    private static string[] Partials(string blob) => Directory.GetFiles(Path.GetDirectoryName(blob)!, Path.GetFileName(blob) + "*.incomplete");

    private void RequireRoom(long needed)
    {
        var available = new DriveInfo(Path.GetFullPath(cache.Folder)).AvailableFreeSpace;
        if (needed > available)
            throw HubException.NoSpace(cache.Folder, needed, available);
    }

    private async Task FillAsync(HubRepository repository, string file, HubFile about, string partial, CancellationToken cancellationToken)
    {
        try
        {
            await _transfers.ExecuteAsync(
                async token => await TransferAsync(repository, file, about, partial, token).ConfigureAwait(false), cancellationToken)
                    .ConfigureAwait(false);
        }
        catch (BrokenTransfer broken)
        {
            throw HubTransferException.Interrupted(file, File.Exists(partial) ? new FileInfo(partial).Length : 0, about.Size, broken.InnerException);
        }
    }

    /// <summary>Requests the missing bytes and appends them.</summary>
    private async Task TransferAsync(HubRepository repository, string file, HubFile about, string partial, CancellationToken cancellationToken)
    {
        using var target = Disk.Open(partial, FileShare.Read);
        if (about.Size is { } size && target.Length >= size)
        {
            // The digest decides whether it is the file.
            target.SetLength(size);
            return;
        }

        using var response = await client.OpenAsync(repository, about.Commit, file, target.Length, cancellationToken).ConfigureAwait(false);
        var range = response.Content.Headers.ContentRange;
        if (response.StatusCode != HttpStatusCode.PartialContent || range?.From != target.Length)
            target.SetLength(0); // the server does not support ranges, or not this one
        if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable
            || (response.StatusCode == HttpStatusCode.PartialContent && target.Length == 0 && range?.From != 0))
            throw new BrokenTransfer(new IOException("the server did not send the requested range"));

        target.Position = target.Length;
        await CopyAsync(response, target, file, about.Size, cancellationToken).ConfigureAwait(false);
        target.FlushToDisk();
    }

    private async Task CopyAsync(HttpResponseMessage response, DiskStream target, string file, long? size, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        while (await ReadAsync(body, buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            await target.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            progress?.Report(new HubProgress(file, target.Position, size));
            if (target.Position > size)
                return; // more than the hub announced: the size check reports it
        }

        if (target.Position < size)
            throw new BrokenTransfer(new IOException("the connection was closed early"));
    }

    private async Task<int> ReadAsync(Stream body, byte[] buffer, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(settings.DownloadTimeout);
        try
        {
            return await body.ReadAsync(buffer, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new BrokenTransfer(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            {
                var seconds = settings.DownloadTimeout.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
                throw new BrokenTransfer(new TimeoutException($"no bytes for {seconds} seconds"));
            }
        }
    }

    private static HubTransferException? Check(string file, HubFile about, string partial)
    {
        using var stream = PlainFile.Open(partial);
        if (about.Size is { } size && stream.Length != size)
            return HubTransferException.WrongSize(file, size, stream.Length);
        var digest = about.ETag.All(char.IsAsciiHexDigitLower)
            ? about.ETag.Length switch { 64 => Sha256(stream), 40 => GitSha1(stream), _ => null }
            : null;
        return digest is null || digest == about.ETag ? null : HubTransferException.WrongDigest(file, about.ETag, digest);
    }

    private static string Sha256(FileStream stream) => Convert.ToHexStringLower(SHA256.HashData(stream));

    /// <summary>
    /// Git names a file by the SHA-1 of a header and its bytes. The digest detects damage; an attacker who could forge it could also serve another
    /// ETag.
    /// </summary>
    private static string GitSha1(FileStream stream)
    {
#pragma warning disable CA5350 // required by git's format
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
        var buffer = new byte[BufferSize];
        while (stream.Read(buffer) is > 0 and var count)
            hash.AppendData(buffer, 0, count);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

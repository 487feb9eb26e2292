using Microsoft.Extensions.Logging;
using ResidualPrompts.Adapters;
using ResidualPrompts.Server.Http;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server.Catalog;

/// <summary>
/// The directory of prompts, in service: it is looked at every half second, and the served prompts follow. A look compares sizes, times and
/// targets of links of all files, and the contents of as many as a bounded number of bytes allows, in turn. A name from a request is only
/// compared with the names found there, so it cannot refer to any other path.
/// </summary>
internal sealed class PromptDirectory(PromptServingOptions options, PromptReader reader, PromptCatalog catalog, TensorQueue queue,
    ClientText text, ServingLog log) : IDisposable
{
    /// <summary>Bytes of all files whose contents one look compares, at least those of one prompt.</summary>
    private const long ComparedBytes = 32 << 20;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Longer than the resolution of file times, so that no write goes unnoticed.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);

    private readonly ILogger _logger = log.Prompts;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<string, Seen> _seen = [];
    private readonly StudyAdapters _studies = new(options.Seed);
    private readonly string? _path = options.Prompts is { } path ? Path.GetFullPath(path) : null;
    private string? _trouble;
    private long _look;

    /// <summary>What the last look at a prompt's directory found.</summary>
    /// <param name="Stamp">Sizes, times and targets of links; empty = look again.</param>
    /// <param name="Digest">The version that was read last; null if it could not be read.</param>
    /// <param name="Look">The number of the look that last compared contents.</param>
    /// <param name="Problem">Why it is not served.</param>
    private sealed record Seen(string Stamp, string? Digest, long Look, string? Problem);

    public void Dispose() => _one.Dispose();

    /// <summary>Looks at the directory until canceled, whatever fails.</summary>
    internal async Task WatchAsync(CancellationToken cancellationToken)
    {
        if (_path is null)
            return;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Pause, cancellationToken);
                await RefreshAsync(cancellationToken);
                if (_trouble is not null)
                    _logger.LogInformation("The directory of prompts is read again");
                _trouble = null;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) // no failure may end the watching, or the surrounding app
            {
                if (_trouble != e.Message)
                    _logger.LogError(e, "The directory of prompts cannot be read; the served prompts stay: {Problem}", e.Message);
                _trouble = e.Message;
            }
        }
    }

    /// <summary>Synchronizes the served prompts with the directory.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (_path is null)
            return;
        await _one.WaitAsync(cancellationToken);
        try
        {
            var folders = new PromptFolders(_path, _studies);
            var found = folders.Find();
            var left = ComparedBytes;
            if (_look++ == 0 && folders.IsAdapter)
                _logger.LogWarning("The directory of prompts is itself an adapter directory; served are the directories in it: give its parent");
            foreach (var (name, directory) in found.OrderBy(pair => _seen.GetValueOrDefault(pair.Key)?.Look ?? 0))
                left -= await FollowAsync(name, directory, folders, isCompared: left > 0, cancellationToken);

            foreach (var gone in _seen.Keys.Concat(catalog.Problems.Keys).Except(found.Keys)
                .Where(name => _seen.ContainsKey(name) || !folders.Has(name))
                .Where(name => !folders.IsBeingReplaced(name)).ToArray()) // the last whole version answers meanwhile
            {
                _seen.Remove(gone);
                if (gone == PromptCatalog.Untuned) // the backbone itself stays
                    catalog.ClearProblem(gone);
                else if (catalog.Remove(gone))
                    _logger.LogInformation("Prompt {Name} was removed", ShownText.Value(gone));
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Reads one prompt immediately, even if it was taken out of service by name.</summary>
    /// <exception cref="RequestProblem">No directory has that name, or it cannot be served.</exception>
    internal async Task LoadAsync(string name, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var folders = new PromptFolders(_path ?? throw NoDirectory(name), _studies);
            if (!folders.Find().TryGetValue(name, out var directory))
                throw NoDirectory(name);
            _seen.Remove(name);
            _ = await FollowAsync(name, directory, folders, isCompared: true, cancellationToken);
            if (_seen[name].Problem is { } problem)
                throw RequestProblem.Bad(problem);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Takes a prompt out of service until its files change or it is loaded by name. The files stay.</summary>
    /// <exception cref="RequestProblem">The prompt is not in service.</exception>
    internal async Task UnloadAsync(string name, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (name == PromptCatalog.Untuned || !catalog.Remove(name))
                throw NoDirectory(name);
            _logger.LogInformation("Prompt {Name} was taken out of service", ShownText.Value(name));
        }
        finally
        {
            _one.Release();
        }
    }

    private static RequestProblem NoDirectory(string name) =>
        RequestProblem.NotFound($"There is no prompt directory '{RequestJson.Shortened(name)}'.");

    /// <summary>Reads a directory if it changed. Returns the number of bytes that were compared. No failure concerns other prompts.</summary>
    private async Task<long> FollowAsync(string name, string directory, PromptFolders folders, bool isCompared, CancellationToken cancellationToken)
    {
        var seen = _seen.GetValueOrDefault(name) ?? new Seen("", null, 0, null);
        var bytes = 0L;
        try
        {
            if (name == PromptCatalog.Untuned)
                throw ServerException.ReservedName();
            var adapters = folders.AdaptersOf(directory).Select(adapter => (Path: adapter, Check: folders.CheckOf(adapter))).ToArray();
            var stamps = adapters.Select(adapter => PromptFiles.StampOf(adapter.Path, adapter.Check)).ToArray();
            (var stamp, bytes) = (string.Join('\n', stamps.Select(one => one.Stamp)), stamps.Sum(one => one.ComparedBytes));
            if (seen.Stamp == stamp && !isCompared)
                return 0;
            if (seen.Digest is not null && Joined(adapters.Select(adapter => PromptFiles.DigestOf(adapter.Path, adapter.Check))) == seen.Digest)
            {
                _seen[name] = seen with { Stamp = stamp, Look = _look };
                return bytes;
            }

            var files = await Task.Run(
                () => adapters.Select(adapter => PromptFiles.Read(adapter.Path, Quiet, adapter.Check)).ToArray(), cancellationToken);
            if (Joined(files.Select(file => file.Digest)) != seen.Digest)
                await LoadAsync(name, stamp, files, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A directory that is being copied is invalid until its last file is complete. It is read again at the next look.
            _seen[name] = seen with { Stamp = "", Digest = null, Look = _look, Problem = Refuse(name, e, seen.Problem) };
        }

        return bytes;
    }

    /// <summary>Puts a version into service. A version that cannot be served is not tried again.</summary>
    private async Task LoadAsync(string name, string stamp, IReadOnlyList<PromptFiles> files, CancellationToken cancellationToken)
    {
        string? problem = null;
        try
        {
            var (prompt, warnings) = await queue.RunAsync(() => reader.Read(name, files), cancellationToken);
            catalog.Put(prompt);
            foreach (var warning in warnings)
                _logger.LogWarning("Prompt {Name}: {Warning}", ShownText.Value(name), Logged(warning, name));
            _logger.LogInformation("Prompt {Name} is in service, {Count} virtual tokens", ShownText.Value(name), prompt.VirtualTokenCount);
        }
        catch (InputException e)
        {
            problem = Refuse(name, e, null);
        }

        _seen[name] = new Seen(stamp, Joined(files.Select(file => file.Digest)), _look, problem);
    }

    private static string Joined(IEnumerable<string> digests) => string.Join(' ', digests);

    /// <summary>A message for the log, which has line ends of its own, but none of the directory's name.</summary>
    private static string Logged(string message, string name) =>
        ShownText.Message(message.Replace(name, ShownText.Value(name), StringComparison.Ordinal));

    /// <summary>Records and logs why a directory is not served; an older version stays in service.</summary>
    private string Refuse(string name, Exception e, string? before)
    {
        var problem = text.Of(e);
        if (problem != before && e is InputException)
            _logger.LogWarning("Prompt {Name} cannot be served: {Problem}", ShownText.Value(name), Logged(ProblemText.Of(e), name));
        else if (problem != before)
            _logger.LogError(e, "Prompt {Name} cannot be served", ShownText.Value(name));
        catalog.SetProblem(name, problem);
        return problem;
    }
}

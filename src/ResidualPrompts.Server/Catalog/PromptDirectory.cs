using Microsoft.Extensions.Logging;
using ResidualPrompts.Runs;
using ResidualPrompts.Server.Http;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server.Catalog;

/// <summary>
/// The directory of prompts: adapter directories, or run directories that contain one. It is polled every half second for changes in file
/// times and sizes, and the served prompts follow. A name from a request is only compared with the names found there, so it cannot refer to
/// any other path.
/// </summary>
internal sealed class PromptDirectory(PromptServingOptions options, PromptReader reader, PromptCatalog catalog, TensorQueue queue,
    ServingLog log) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly string[] FileNames = ["adapter_config.json", "adapter_model.safetensors", "residual_prompt.json"];
    private readonly ILogger _logger = log.Prompts;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Dictionary<string, string> _stamps = []; // of the last attempt to read each directory
    private readonly string? _root = options.Prompts is { } path ? RealPath(path) : null;

    public void Dispose() => _one.Dispose();

    /// <summary>Polls the directory until canceled.</summary>
    internal async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Pause);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                await RefreshAsync(cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _logger.LogWarning("The directory of prompts cannot be read; the served prompts stay: {Problem}", e.Message);
            }
            catch (Exception e) when (e is not OperationCanceledException) // no failure may end the surrounding app
            {
                _logger.LogError(e, "Polling the directory of prompts failed; the served prompts stay");
            }
        }
    }

    /// <summary>Synchronizes the served prompts with the directory.</summary>
    internal async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (_root is null)
            return;
        await _one.WaitAsync(cancellationToken);
        try
        {
            var found = Find();
            foreach (var (name, directory) in found)
            {
                var stamp = Stamp(directory);
                if (_stamps.GetValueOrDefault(name) == stamp)
                    continue;
                _stamps[name] = stamp;
                _ = await TryLoadAsync(name, directory, cancellationToken);
            }

            foreach (var gone in _stamps.Keys.Concat(catalog.Problems.Keys).Except(found.Keys).Where(name =>
                !Directory.Exists(Path.Combine(_root, name)) || _stamps.ContainsKey(name)).ToArray())
            {
                _stamps.Remove(gone);
                if (catalog.Remove(gone))
                    _logger.LogInformation("Prompt {Name} was removed", gone);
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
            if (_root is null || !Find().TryGetValue(name, out var directory))
                throw NoDirectory(name);
            _stamps[name] = Stamp(directory);
            if (await TryLoadAsync(name, directory, cancellationToken) is { } problem)
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
            _logger.LogInformation("Prompt {Name} was taken out of service", name);
        }
        finally
        {
            _one.Release();
        }
    }

    private static RequestProblem NoDirectory(string name) =>
        RequestProblem.NotFound($"There is no prompt directory '{RequestJson.Shortened(name)}'.");

    /// <summary>Reads a directory. Returns why it cannot be served, or null if it is now in service.</summary>
    private async Task<string?> TryLoadAsync(string name, string directory, CancellationToken cancellationToken)
    {
        try
        {
            var (prompt, warnings) = await queue.RunAsync(() => reader.Read(name, directory), cancellationToken);
            catalog.Put(prompt);
            foreach (var warning in warnings)
                _logger.LogWarning("Prompt {Name}: {Warning}", name, warning);
            _logger.LogInformation("Prompt {Name} is in service, {Count} virtual tokens", name, prompt.VirtualTokenCount);
            return null;
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            // A directory that is being copied is invalid until its last file is complete; then its stamp changes and it is read again.
            var problem = ProblemText.Of(e);
            _logger.LogWarning("Prompt {Name} cannot be served: {Problem}", name, problem);
            catalog.SetProblem(name, problem);
            return problem;
        }
    }

    private Dictionary<string, string> Find()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var directory in Directory.EnumerateDirectories(_root!))
        {
            var name = Path.GetFileName(directory);
            if (name.StartsWith('.'))
                continue;
            var adapter = RunDirectory.AdapterIn(directory);
            if (!File.Exists(Path.Combine(adapter, FileNames[0])))
                continue;
            if (name == PromptCatalog.Untuned)
                Refuse(name, "the name is reserved for the backbone without a prompt; rename the directory");
            else if (!IsInside(adapter))
                Refuse(name, "it is a link to a path outside the directory of prompts, which is not followed; copy the adapter directory instead");
            else
                found[name] = adapter;
        }

        return found;
    }

    private void Refuse(string name, string problem)
    {
        if (catalog.Problems.ContainsKey(name))
            return;
        _logger.LogWarning("Prompt {Name} cannot be served: {Problem}", name, problem);
        catalog.SetProblem(name, problem);
    }

    private bool IsInside(string directory) => RealPath(directory).StartsWith(_root! + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>The path of a directory after resolving all links.</summary>
    private static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) is not { } parent)
            return full;
        var info = new DirectoryInfo(Path.Combine(RealPath(parent), Path.GetFileName(full)));
        return info.LinkTarget is null ? info.FullName : RealPath(info.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
    }

    private static string Stamp(string directory) => string.Join(';', FileNames.Select(name => new FileInfo(Path.Combine(directory, name)))
        .Select(file => file.Exists ? $"{file.LastWriteTimeUtc.Ticks}:{file.Length}" : "-"));
}

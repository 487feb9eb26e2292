using System.CommandLine;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Rendering.Progress;
using ResidualPrompts.Data;
using ResidualPrompts.Hub;
using ResidualPrompts.Hub.Download;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Cli.Options;

/// <summary>Downloads missing models and data sets before the command runs; the command itself never uses the network.</summary>
internal static class HubAccess
{
    internal static readonly Option<bool> Offline = new("--offline")
    {
        Description = "Download nothing; use only the hub's local cache.",
        Recursive = true,
    };

    /// <summary>The folder of a model, downloaded if it can only be on the hub.</summary>
    internal static string Locate(ParseResult parsed, string name, string? revision, ModelParts parts = ModelParts.All)
    {
        if (ModelCatalog.IsOnHub(name) && Settings(parsed) is { IsOffline: false } settings)
            return Fetch(settings, name, $"not a bundled model ({Listed(BundledModels.Names)})", BundledModels.Names,
                (hub, stop) => hub.GetModelAsync(name, revision, parts, stop)).Folder;
        NoteOffline(name, revision, parts);
        return ModelCatalog.Locate(name, revision, parts);
    }

    /// <summary>Downloads the data and the model of a run if necessary.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="spec">The settings.</param>
    /// <param name="needsData">Whether the command reads data.</param>
    /// <param name="beforeModel">Refuses what is wrong without the model, which may be gigabytes to download; not called where it is there.</param>
    internal static void Ensure(ParseResult parsed, RunSpec spec, bool needsData = true, Action? beforeModel = null)
    {
        var settings = Settings(parsed);
        if (settings.IsOffline)
        {
            NoteOffline(spec.Model, spec.Revision, ModelParts.All);
            return; // the code that needs a missing file reports it
        }

        if (needsData && spec.ReadsDataSet)
            EnsureData(parsed, DataCatalog.NameOf(spec.Data, spec.NamedTask, spec.Compat), spec.DataRevision);
        if (!ModelCatalog.IsOnHub(spec.Model))
            return;
        if (HubSnapshots.OfEnvironment().FindModel(HubRepository.Model(spec.Model), HubRepository.Revision(spec.Revision), ModelParts.All) is null)
            beforeModel?.Invoke();
        Fetch(settings, spec.Model, $"not a bundled model ({Listed(BundledModels.Names)})", BundledModels.Names,
            (hub, stop) => hub.GetModelAsync(spec.Model, spec.Revision, ModelParts.All, stop));
    }

    /// <summary>Downloads the model of a finished run and the data to use it on, if necessary.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">The run directory.</param>
    /// <param name="task">A task instead of the run's own, or null.</param>
    /// <param name="data">Data instead of the run's own, or null.</param>
    /// <param name="needsData">Whether the command reads data.</param>
    internal static void EnsureRun(ParseResult parsed, string run, string? task, string? data, bool needsData = true)
    {
        var spec = TrainedRun.SettingsOf(run);
        if (data is not null || task is not null)
            spec = spec with { Task = task, Template = null, LabelWords = null, Data = data, DataRevision = null };
        Ensure(parsed, spec, needsData);
    }

    /// <summary>Downloads a data set if it can only be on the hub.</summary>
    internal static void EnsureData(ParseResult parsed, string? data, string? revision = null)
    {
        if (data is not null && DataCatalog.OnHub(data) is { } name && Settings(parsed) is { IsOffline: false } settings)
            Fetch(settings, data, $"not a bundled data set ({Listed(BundledDataSets.Names)})", BundledDataSets.Names,
                (hub, stop) => hub.GetDataSetAsync(name, revision, stop));
    }

    /// <summary>Downloads the given data, or by default the task's own, if necessary.</summary>
    internal static void EnsureData(ParseResult parsed, TaskDefinition task, string? data) => EnsureData(parsed, data ?? DataCatalog.NameOf(task));

    /// <summary>The hub settings of the environment and of <c>--offline</c>.</summary>
    internal static HubSettings Settings(ParseResult parsed) =>
        HubSettings.FromEnvironment(name => name == "HF_HUB_OFFLINE" && parsed.GetValue(Offline) ? "1" : Environment.GetEnvironmentVariable(name));

    /// <summary>Downloads and shows progress. Ctrl-C keeps partial files for the next attempt.</summary>
    internal static HubSnapshot Fetch(HubSettings settings, string name, string? elsewhere, IReadOnlyList<string> known,
        Func<HubDownloader, CancellationToken, Task<HubSnapshot>> get)
    {
        using var stop = new StopSignals();
        var snapshot = DownloadProgress.Show(settings, async progress =>
        {
            using var hub = new HubDownloader(settings, progress);
            try
            {
                return await get(hub, stop.Token);
            }
            catch (Exception e) when (elsewhere is not null && e is HubException or HubTransferException)
            {
                Console.Error.WriteLine(
                    $"note: '{name}' is {elsewhere} and '{Path.GetFullPath(name)}' does not exist, so it was requested from "
                        + $"{settings.Endpoint.GetLeftPart(UriPartial.Authority)}.{NearestPath.Hint(name, known)}");
                throw;
            }
        });
        if (snapshot.Note is { } note)
            Console.Error.WriteLine($"note: {note}");
        return snapshot;
    }

    /// <summary>What a user should know of a model that is used as the cache holds it.</summary>
    private static void NoteOffline(string model, string? revision, ModelParts parts)
    {
        if (ModelCatalog.IsOnHub(model)
            && HubSnapshots.OfEnvironment().FindModel(HubRepository.Model(model), HubRepository.Revision(revision), parts)?.Note is { } note)
            Console.Error.WriteLine($"note: {note}");
    }

    private static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "none is bundled here" : string.Join(", ", names);
}

using System.CommandLine;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Data;
using ResidualPrompts.Hub;
using ResidualPrompts.Hub.Download;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Cli.Options;

/// <summary>Fetches what a command names and this machine lacks, before the command's own work, which knows no network.</summary>
internal static class HubAccess
{
    internal static readonly Option<bool> Offline = new("--offline") { Description = "Download nothing: models and data sets of the hub come from its cache.", Recursive = true };

    /// <summary>The folder of a model, which is fetched when it can only be on the hub.</summary>
    internal static string Locate(ParseResult parsed, string name, string? revision, ModelParts parts = ModelParts.All)
    {
        if (ModelCatalog.IsOnHub(name) && Settings(parsed) is { IsOffline: false } settings)
            return Fetch(settings, name, $"no bundled model ({Listed(BundledModels.Names)})", (hub, stop) => hub.GetModelAsync(name, revision, parts, stop)).Folder;
        return ModelCatalog.Locate(name, revision, parts);
    }

    /// <summary>Fetches the model and the data of a run.</summary>
    internal static void Ensure(ParseResult parsed, RunSpec spec, bool needsData = true)
    {
        var settings = Settings(parsed);
        if (settings.IsOffline)
            return; // what is missing is told by whoever needs it
        if (ModelCatalog.IsOnHub(spec.Model))
            Fetch(settings, spec.Model, $"no bundled model ({Listed(BundledModels.Names)})", (hub, stop) => hub.GetModelAsync(spec.Model, spec.Revision, ModelParts.All, stop));
        if (needsData)
            EnsureData(parsed, DataCatalog.NameOf(spec.Data, spec.NamedTask, spec.Compat), spec.DataRevision);
    }

    /// <summary>Fetches the model of a finished run, and the data that it is used on.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">The run directory.</param>
    /// <param name="task">A task instead of the run's own, or null.</param>
    /// <param name="data">Data instead of the run's own, or null.</param>
    /// <param name="needsData">Whether rows are read at all.</param>
    internal static void EnsureRun(ParseResult parsed, string run, string? task, string? data, bool needsData = true)
    {
        var spec = TrainedRun.SettingsOf(run);
        if (data is not null || task is not null)
            spec = spec with { Task = task, Template = null, LabelWords = null, Data = data, DataRevision = null };
        Ensure(parsed, spec, needsData);
    }

    /// <summary>Fetches a data set when it can only be on the hub.</summary>
    internal static void EnsureData(ParseResult parsed, string? data, string? revision = null)
    {
        if (data is not null && DataCatalog.OnHub(data) is { } name && Settings(parsed) is { IsOffline: false } settings)
            Fetch(settings, data, $"no bundled data set ({Listed(BundledDataSets.Names)})", (hub, stop) => hub.GetDataSetAsync(name, revision, stop));
    }

    /// <summary>Fetches the data of a task: what the user names, else the task's own.</summary>
    internal static void EnsureData(ParseResult parsed, TaskDefinition task, string? data) => EnsureData(parsed, data ?? DataCatalog.NameOf(task));

    /// <summary>The environment's settings, and what the command line says of them.</summary>
    internal static HubSettings Settings(ParseResult parsed) => HubSettings.FromEnvironment(name => name == "HF_HUB_OFFLINE" && parsed.GetValue(Offline) ? "1" : Environment.GetEnvironmentVariable(name));

    /// <summary>Downloads with a display; Ctrl-C keeps what has arrived.</summary>
    internal static HubSnapshot Fetch(HubSettings settings, string name, string? elsewhere, Func<HubDownloader, CancellationToken, Task<HubSnapshot>> get)
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
                Console.Error.WriteLine($"note: '{name}' is {elsewhere} and not at '{Path.GetFullPath(name)}', so it was looked for at {settings.Endpoint.GetLeftPart(UriPartial.Authority)}.");
                throw;
            }
        });
        if (snapshot.Note is { } note)
            Console.Error.WriteLine($"note: {note}");
        return snapshot;
    }

    private static string Listed(IReadOnlyList<string> names) => names.Count == 0 ? "none is bundled here" : string.Join(", ", names);
}

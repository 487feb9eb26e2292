using ResidualPrompts.Hub;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Catalog;

/// <summary>Nothing of that name or at that path: no model, no data.</summary>
public sealed class CatalogException : InputException
{
    private CatalogException(string message)
        : base(message)
    {
    }

    internal static CatalogException Of(string name, IReadOnlyList<string> bundled) =>
        new(File.Exists(name)
            ? $"No model '{name}': it is a file, expected the folder of a model or a bundled name ({Join(bundled)})."
            : $"No model '{name}': neither a folder nor a bundled name ({Join(bundled)}).");

    internal static CatalogException NoModel(string name, string revision, IReadOnlyList<string> bundled, string cache) =>
        new($"No model '{name}': it is no bundled model ({Join(bundled)}), there is no folder '{Path.GetFullPath(name)}', and the hub's cache " +
            $"'{cache}' does not hold all of it at '{revision}'. Download it while online: hub download {name}{(revision == "main" ? "" : $" --revision {revision}")}.");

    internal static CatalogException NoData(string name, string revision, IReadOnlyList<string> bundled, string cache) =>
        new($"No data '{name}': it is no bundled data set ({Join(bundled)}), there is no folder or file '{Path.GetFullPath(name)}', and the hub's cache " +
            $"'{cache}' does not hold it at '{revision}'. Download it while online: {HubDownloadOf(name, revision)}.");

    internal static CatalogException NoTaskData(TaskDefinition task, string name, string revision, string cache) =>
        new($"The data of task {task.Name} is not on this machine: it is {name} on the hub, whose cache '{cache}' does not hold it at '{revision}'. Download it while online: " +
            $"{HubDownloadOf(name, revision)}. Or give --data with a folder or a file of {task.Source ?? task.Name}.");

    private static string HubDownloadOf(string name, string revision) => $"hub download {name} --data-set{(revision == HubRepository.DefaultRevision ? "" : $" --revision {revision}")}";

    private static string Join(IReadOnlyList<string> bundled) => bundled.Count == 0 ? "none is bundled here" : string.Join(", ", bundled);
}

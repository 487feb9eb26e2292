using ResidualPrompts.Hub;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Catalog;

/// <summary>No model or data set has the given name or path.</summary>
public sealed class CatalogException : InputException
{
    private CatalogException(ProblemKind kind, MessageText message)
        : base(kind, message.ToString())
    {
    }

    internal static CatalogException Of(string name, IReadOnlyList<string> bundled) =>
        File.Exists(name)
            ? new(ProblemKind.Missing,
                $"No model '{ShownText.Value(name)}': it is a file, expected the folder of a model or a bundled name ({Join(bundled)}).")
            : new(ProblemKind.Missing, $"No model '{ShownText.Value(name)}': neither a folder nor a bundled name ({Join(bundled)})."
                + $"{NearestPath.Hint(name, bundled)}");

    internal static CatalogException NoModel(string name, string revision, IReadOnlyList<string> bundled, string cache) =>
        new(ProblemKind.Missing,
            $"No model '{ShownText.Value(name)}': it is not a bundled model ({Join(bundled)}), there is no folder '{Path.GetFullPath(name)}', "
            + $"and the hub's cache '{cache}' does not hold all of it at '{revision}'.{NearestPath.Hint(name, bundled)}")
        {
            Remedies = [Downloading(name, revision, isDataSet: false)],
        };

    internal static CatalogException NoData(string name, string revision, IReadOnlyList<string> bundled, string cache, string? missing = null) =>
        new(ProblemKind.Missing,
            $"No data '{ShownText.Value(name)}': it is not a bundled data set ({Join(bundled)}), there is no folder or file "
            + $"'{Path.GetFullPath(name)}', " +
            $"and the hub's cache '{cache}' does not hold {Part(missing)} at '{revision}'.{NearestPath.Hint(name, bundled)}")
        {
            Remedies = [Downloading(name, revision, isDataSet: true)],
        };

    internal static CatalogException NoTaskData(TaskDefinition task, string name, string revision, string cache, string? missing = null) =>
        new(ProblemKind.Missing,
            $"The data of task {task.Name} is not on this machine: it is {name} on the hub, whose cache '{cache}' does not hold {Part(missing)} "
            + $"at '{revision}'.")
        {
            Remedies = [Downloading(name, revision, isDataSet: true),
                new Remedy.SetSetting("data", Hint: $"a folder or a file of {task.Source ?? task.Name}")],
        };

    private static string Part(string? missing) => missing is null ? "it" : $"all of it ({missing} is missing)";

    private static Remedy.Download Downloading(string name, string revision, bool isDataSet) =>
        new(name, revision == HubRepository.DefaultRevision ? null : revision, isDataSet);

    private static string Join(IReadOnlyList<string> bundled) => bundled.Count == 0 ? "none is bundled here" : string.Join(", ", bundled);
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;

namespace ResidualPrompts.Classification;

/// <summary>
/// The runs of a study, which classify together: those that its file names, or a run in each <c>seed-N</c> as earlier versions left them.
/// </summary>
internal static class StudyMembers
{
    private const string FileName = "study.json";
    private const string SeedPattern = "seed-*";

    /// <summary>The run directories of a study; null where the folder is not one.</summary>
    /// <param name="path">The folder, as it was named.</param>
    /// <param name="seed">The seed of the only run that is meant; null = all runs.</param>
    /// <exception cref="ClassificationException">The study is damaged, or not trained to its end, or has no such seed.</exception>
    internal static IReadOnlyList<string>? Find(string path, long? seed)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(folder) || IsRun(folder))
            return null;
        var file = Path.Combine(folder, FileName);
        try
        {
            var study = File.Exists(file) ? JsonFile.Node(PlainFile.Read(file, PlainFile.LongestJson), JsonFormats.Strict)!.AsObject() : null;
            string[] runs = study is not null ? Named(study, folder)
                : [.. Directory.GetDirectories(folder, SeedPattern).Where(IsRun)
                    .OrderBy(run => run.Length).ThenBy(run => run, StringComparer.Ordinal)];
            if (runs.Length == 0)
                return null;
            if (study?["replacing"] is not null)
                throw ClassificationException.IncompleteStudy(path, "its earlier runs are being replaced");
            foreach (var run in runs)
            {
                if (!IsRun(run))
                    throw ClassificationException.IncompleteStudy(path, $"the run {Path.GetFileName(run)} is missing");
                if (study?["settings"] is JsonObject settings && Differing(settings, SpecOf(run)) is { } key)
                    throw ClassificationException.IncompleteStudy(path, $"the run {Path.GetFileName(run)} was not trained with the study's {key}");
            }

            return seed is null ? runs
                : runs.Where(run => SpecOf(run)["seed"]?.GetValue<long>() == seed).ToArray() is [var one] ? [one]
                : throw ClassificationException.NoSeed(path, seed.Value);
        }
        catch (Exception e) when (JsonProblem.IsOne(e) || e is IOException or UnauthorizedAccessException)
        {
            throw ClassificationException.Damaged(file, JsonProblem.Of(e), e);
        }
    }

    private static bool IsRun(string folder) => File.Exists(Path.Combine(folder, ClassifierSource.RecordName));

    private static string[] Named(JsonObject study, string folder) =>
    [
        .. (study["runs"] as JsonArray ?? throw new JsonException("'runs' is missing."))
            .Select(run => JsonFile.Text((run as JsonObject)?["path"]) ?? throw new JsonException("A run has no path."))
            .Select(run => Path.GetFullPath(Path.Combine(folder, run.Replace('/', Path.DirectorySeparatorChar)))),
    ];

    private static JsonObject SpecOf(string run) =>
        (JsonFile.Node(PlainFile.Read(Path.Combine(run, ClassifierSource.RecordName), PlainFile.LongestJson), JsonFormats.Strict)
            as JsonObject)?["spec"] as JsonObject ?? throw new JsonException($"The record of {Path.GetFileName(run)} has no settings.");

    /// <summary>
    /// A setting that a run and its study have with other values: the run has been trained to another length since. Patience may end it early.
    /// </summary>
    private static string? Differing(JsonObject ofStudy, JsonObject ofRun) => ofStudy
        .Where(setting => setting.Value is not null && ofRun[setting.Key] is { } value && !JsonNode.DeepEquals(setting.Value, value))
        .Select(setting => setting.Key).FirstOrDefault(key => ofStudy["patience"] is null || key is not ("epochs" or "max_steps"));
}

using System.CommandLine;
using System.Globalization;
using ResidualPrompts.Runs;
using ResidualPrompts.Studies;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>study</c>: makes one thing of existing runs that differ in their seeds alone.</summary>
internal static class StudyCommand
{
    internal static Command Create()
    {
        var paths = new Argument<string[]>("RUN")
        {
            Description = "Run directories that differ in seed or few-shot seed alone, or one folder with a run in each seed-N.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string?>("--output")
        {
            Description = "Folder of the study. Default: the folder given, if it is one that holds the runs.",
            HelpName = "DIR",
        };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace the study in this folder; no run is removed." };
        var command = new Command("study", "Make a study of existing runs that differ in their seeds alone; the runs stay where they are.")
        {
            paths, output, overwrite,
        };
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(paths)!;
            var folder = parsed.GetValue(output)
                ?? (given is [var only] && !RunDirectory.Is(only) ? only
                    : throw new UsageException($"--output DIR is needed: the folder of the study."));
            if (RunDirectory.Is(folder))
                throw RunException.IsRun(folder);
            if (Study.Is(folder) && !parsed.GetValue(overwrite))
                throw RunException.StudyExists(Path.Combine(folder, RunDirectory.StudyName));
            var runs = parsed.GetValue(overwrite) && given is [var same] && RunFolders.SeedsIn(same) is { Count: > 0 } seeds
                ? [.. seeds.Select(RunSummary.Read)]
                : RunFolders.Read(given);
            var study = Study.Of(folder, runs);
            study.CreateFolder();
            try
            {
                study.Write();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw RunException.NotWritable(folder, e);
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{folder}: {study.Runs.Count} {(study.Runs.Count == 1 ? "run" : "runs")}, {Listed(study)}"));
        });
        return command;
    }

    private static string Listed(Study study) => study.Runs.Select(run => run.FewShotSeed).Distinct().Count() > 1
        ? $"few-shot seeds {string.Join(", ", study.Runs.Select(run => run.FewShotSeed))}"
        : $"seeds {string.Join(", ", study.Runs.Select(run => run.Seed))}";
}

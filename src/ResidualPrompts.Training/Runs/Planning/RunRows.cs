using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs.Planning;

/// <summary>The rows that a run uses, selected by its settings. They need no model, so that mistakes show before one is loaded.</summary>
/// <param name="Source">The source of the rows.</param>
/// <param name="Splits">The selected rows.</param>
/// <param name="Task">The task; null for rows of token ids.</param>
internal sealed record RunRows(DataSource Source, DataSplits Splits, TaskDefinition? Task)
{
    /// <summary>The path of the data; null for rows in memory.</summary>
    internal string? Path { get; private init; }

    /// <summary>SHA-256 of the content of the rows; null for data in files.</summary>
    internal string? RowsDigest { get; private init; }

    /// <summary>The data's name in messages.</summary>
    internal string Name => Path ?? "The data";

    /// <summary>Whether the test split has rows, and none of them has an answer to compare with.</summary>
    internal bool IsTestUnlabeled => Splits.Test is { Count: > 0 } test && !test.Any(IsLabeled);

    /// <summary>Locates, reads and selects the rows.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="taskFile">The task's JSON as it was when the run was made; null = the current one.</param>
    /// <exception cref="InputException">The task, the data or the settings do not fit; the message names the problem.</exception>
    internal static RunRows Load(RunSpec spec, JsonObject? taskFile = null)
    {
        // Rows of token ids need no task: whether an incomplete one is a mistake, only the first row tells.
        var task = spec.Task is null && (spec.Template is null || spec.LabelWords is null) ? null : RunData.TaskOf(spec, taskFile);
        var path = RunData.DataPath(spec, task);
        var encoding = spec.Encoding.ToEncoding();
        var source = DataSource.Open(path, task?.Layout, new SourceOptions { Encoding = encoding, SplitFiles = spec.SplitFiles });
        var first = source.Files.Values.SelectMany(files => files).SelectMany(file => ExampleFile.Read(file, encoding: encoding)).FirstOrDefault();
        var bringsIds = first is not null && ExampleEncoder.BringsIds(first);
        return Of(spec, source, bringsIds ? null : task ?? RunData.TaskOf(spec, taskFile)) with { Path = path };
    }

    /// <summary>Selects rows in memory.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="task">The task.</param>
    /// <param name="rows">The rows of each existing split.</param>
    /// <exception cref="InputException">The rows or the settings do not fit; the message names the problem.</exception>
    internal static RunRows Of(RunSpec spec, TaskDefinition task, IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows) =>
        Of(spec, DataSource.Of(rows, task.Layout), task) with { RowsDigest = DigestOf(rows) };

    /// <summary>The class of a row; null without one.</summary>
    internal string? ClassOf(Example row) => ClassOf(Task, row);

    private static RunRows Of(RunSpec spec, DataSource source, TaskDefinition? task) => new(
        source,
        source.Load(
            new SplitOptions
            {
                ValidationFraction = spec.ValidationFraction,
                Seed = spec.SplitSeedInForce,
                HalvingSeed = spec.SplitSeed,
                FewShotPerClass = spec.FewShot,
                FewShotSeed = spec.FewShotSeed,
                ValidationFromTrain = spec.ValidationFromTrain,
                TestFromValidation = spec.TestFromValidation,
                ValidationPerClass = spec.ValidationPerClass,
            },
            row => ClassOf(task, row),
            task is null ? null : task.Trains,
            task?.GroupFields.Count > 0 ? task.GroupOf : null),
        task);

    private static string? ClassOf(TaskDefinition? task, Example row) => task is not null ? task.ClassOf(row)
        : row.Has(ExampleEncoder.TargetField) ? AnswerSpace.Name(row.Ids(ExampleEncoder.TargetField)) : null;

    private bool IsLabeled(Example row) => Task is null
        ? row.Has(ExampleEncoder.TargetField)
        : Task.ReadAnswer(row) is { Reference: not null } or { Answers: not null };

    private static string DigestOf(IReadOnlyDictionary<DataSplit, IReadOnlyList<Example>> rows)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (split, ofSplit) in rows.OrderBy(pair => pair.Key))
        {
            digest.AppendData(Encoding.UTF8.GetBytes($"{split} {ofSplit.Count}\n"));
            foreach (var row in ofSplit)
                digest.AppendData(row.Digest());
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }
}

using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Sweeps;

/// <summary>Sweep files over a tiny model and rows of token ids.</summary>
internal static class SweepText
{
    /// <summary>Settings of runs that train in a moment.</summary>
    internal const string Base = """
        "model": "model", "data": "rows", "epochs": 1, "prompt_length": 2, "bottleneck_size": 4, "batch_size": 20
        """;

    /// <summary>Writes model and rows beside the file.</summary>
    internal static void Prepare(TemporaryFolder folder, int test = 0)
    {
        TinyFolder.WriteModel(folder);
        TinyFolder.WriteRows(folder, test: test);
    }

    /// <summary>Writes a file.</summary>
    internal static string Write(TemporaryFolder folder, string json, string name = "sweep.json") => folder.Write(name, json);

    /// <summary>Writes a file and plans it.</summary>
    internal static SweepPlan Plan(TemporaryFolder folder, string json, string name = "sweep.json") => SweepPlan.Of(Write(folder, json, name));

    /// <summary>Trains the runs that are not done, as an engine would.</summary>
    internal static void Train(SweepPlan plan)
    {
        foreach (var run in plan.Runs.Where(run => run.Work is SweepWork.Train or SweepWork.Continue))
        {
            using var completed = TinyRun.Train(
                run.Spec with { SaveDir = Path.GetDirectoryName(run.Directory)!, SaveName = Path.GetFileName(run.Directory) }, RunMode.Resume);
        }
    }

    /// <summary>The problems of a file.</summary>
    internal static IReadOnlyList<string> Problems(TemporaryFolder folder, string json)
    {
        var path = Write(folder, json);
        var problem = FluentActions.Invoking(() => SweepPlan.Of(path)).Should().Throw<RunSpecException>().Which;
        problem.Kind.Should().Be(ProblemKind.Invalid);
        return [.. problem.Message.Split('\n').Select(line => line.Replace(path + ":", "", StringComparison.Ordinal))];
    }
}

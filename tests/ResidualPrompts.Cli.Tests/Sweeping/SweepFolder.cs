using System.Text.RegularExpressions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Sweeps;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Sweeping;

/// <summary>A folder with a tiny model, rows, and a sweep file over them.</summary>
internal sealed partial class SweepFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <param name="seeds">The seeds, one run for each.</param>
    /// <param name="epochs">Their epochs, of ten steps each.</param>
    /// <param name="top">More keys of the file, each after a comma.</param>
    internal SweepFolder(int seeds, int epochs = 2, string top = "")
    {
        TinyFolder.WriteModel(_folder);
        TinyFolder.WriteRows(_folder, test: 4);
        File = _folder.Write("sweep.json", $$"""
            { "base": { "model": "model", "data": "rows", "epochs": {{epochs}}, "batch_size": 4, "prompt_length": 2,
                "evaluate_every_steps": {{(epochs == 2 ? 10 : 1000)}} },
              "seeds": [{{string.Join(", ", Enumerable.Range(0, seeds))}}]{{top}} }
            """);
    }

    internal string File { get; }

    /// <summary>Changes the file.</summary>
    internal void Change(string old, string changed) =>
        System.IO.File.WriteAllText(File, System.IO.File.ReadAllText(File).Replace(old, changed, StringComparison.Ordinal));

    internal string Runs => _folder.File("sweep");

    public void Dispose() => _folder.Dispose();

    internal IEnumerable<RunDirectory> Directories() => FoundRun.Directories(Runs).Select(path => new RunDirectory(path));

    internal IEnumerable<RunState> States() => Directories().Select(RunState.Of);

    /// <summary>Waits until something holds, as processes need.</summary>
    internal static async Task Until(Func<bool> holds)
    {
        for (var i = 0; i < 6000 && !holds(); i++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        holds().Should().BeTrue();
    }

    /// <summary>Checks that the runs have the bytes of those of another folder, and that each was trained once.</summary>
    internal void ShouldBeAs(SweepFolder whole)
    {
        Names().Should().Equal(whole.Names());
        Names().Should().HaveCountGreaterThan(5);
        foreach (var name in Names())
        {
            var (path, expected) = (Path.Combine(Runs, name), Path.Combine(whole.Runs, name));
            if (Path.GetExtension(path) is ".npy" || (Path.GetExtension(path) == ".safetensors" && !name.Contains("checkpoint"))
                || name.Contains("predictions"))
                System.IO.File.ReadAllBytes(path).Should().Equal(System.IO.File.ReadAllBytes(expected), name);
            else if (Path.GetExtension(path) == ".csv")
                WithoutTimes(path).Should().Be(WithoutTimes(expected), name);
        }

        foreach (var run in Directories())
        {
            var steps = TinyRun.Events(run.Path, "step").Select(step => step.GetProperty("step").GetInt64()).ToArray();
            steps.Should().Equal(Enumerable.Range(1, 20).Select(step => (long)step), "each step was made once");
            RunState.Of(run).Status.Should().Be(RunStatus.Finished);
        }
    }

    private string[] Names() => [.. TinyFolder.Files(Runs).Where(name => !Path.GetFileName(name).TrimStart('.').StartsWith("run.lock",
        StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string WithoutTimes(string csv) => LastCell().Replace(System.IO.File.ReadAllText(csv), "");

    [GeneratedRegex(",[^,\n]*$", RegexOptions.Multiline)]
    private static partial Regex LastCell();
}

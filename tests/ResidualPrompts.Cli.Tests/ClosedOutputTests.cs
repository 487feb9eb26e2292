using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Results that cannot be written are never said to be there: the first error is reported, and the exit code is not 0.</summary>
public sealed class ClosedOutputTests(ClosedOutputTests.Inputs inputs) : IClassFixture<ClosedOutputTests.Inputs>
{
    [Theory]
    [InlineData("compare", "RUN")]
    [InlineData("compare", "RUN", "--csv")]
    [InlineData("compare", "RUN", "--json")]
    [InlineData("compare", "RUN", "--markdown")]
    [InlineData("watch", "RUN")]
    [InlineData("evaluate", "RUN")]
    [InlineData("predict", "RUN", "--input", "ROWS")]
    [InlineData("inspect", "RUN", "--model", "MODEL")]
    [InlineData("data", "check", "ROWS")]
    [InlineData("tasks", "list")]
    [InlineData("tasks", "show", "subj")]
    [InlineData("doctor")]
    [InlineData("completion", "bash")]
    [InlineData("tokenize", "--model", "t5-nano", "--input", "ROWS")]
    public async Task Standard_output(params string[] command)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Others have no /dev/full.");
        string[] given = [.. command.Select(word => word switch { "RUN" => inputs.Run, "ROWS" => inputs.Rows, "MODEL" => inputs.Model, _ => word })];
        var full = await Shell(given, ">/dev/full");
        full.Error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal)).Should()
            .Equal("error: Input or output failed: No space left on device");
        full.ExitCode.Should().Be(1);
        var closed = await Shell(given, ">&-");
        closed.Error.Should().StartWith("error: Standard output is closed, so the results have nowhere to go");
        closed.ExitCode.Should().Be(2);
    }

    [Theory]
    [InlineData("curves.svg", "compare", "RUN", "--curves")]
    [InlineData("map.png", "inspect", "RUN", "--model", "MODEL", "--heat-map")]
    [InlineData("rows.npy", "convert", "RUN", "--to", "npy")]
    [InlineData("times.json", "bench", "tokenize", "--model", "t5-nano", "--megabytes", "1", "--rounds", "1", "--json")]
    [InlineData("out.jsonl", "predict", "RUN", "--input", "ROWS", "--output")]
    public void A_file(string file, params string[] command)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File(file);
        string[] given =
            [.. command.Select(word => word switch { "RUN" => inputs.Run, "ROWS" => inputs.Rows, "MODEL" => inputs.Model, _ => word }), path];
        var whole = new FaultyDisk();
        ProgramResult? result = null;
        whole.Run(() => result = InProcess.Run(given).GetAwaiter().GetResult()).Should().BeNull();
        result!.ShouldSucceed();
        var failures = 0;
        for (var n = 1; n <= whole.Count; n++)
        {
            foreach (var left in Directory.GetFiles(folder.Path))
                File.Delete(left);
            new FaultyDisk(n, DiskFault.Fails).Run(() => result = InProcess.Run(given).GetAwaiter().GetResult());
            if (result!.ExitCode == 0)
            {
                File.Exists(path).Should().BeTrue($"operation {n} was not needed");
                continue;
            }

            result.ExitCode.Should().BeOneOf(1, 2);
            result.Error.Split("error: ").Should().HaveCount(2, result.Error);
            result.Error.Should().Contain("no space left (test)");
            failures++;
        }

        failures.Should().BePositive();
    }

    private static Task<ProgramResult> Shell(string[] command, string redirection) => new ProgramProcess("/bin/sh")
    {
        Environment = Program.Process.Environment,
    }.Run(["-c", $"\"$0\" \"$@\" {redirection}", Program.Process.Path, .. command]);

    /// <summary>A run and rows for it.</summary>
    public sealed class Inputs : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Inputs()
        {
            TinyRun.Train(TinyRun.Spec(_folder) with { PromptLength = 2 });
            Rows = _folder.Write("rows.jsonl", "{\"input_ids\":[4,1],\"target_ids\":[7,1]}\n");
        }

        public string Run => _folder.File("run");

        public string Model => _folder.File("model");

        public string Rows { get; }

        public void Dispose() => _folder.Dispose();
    }
}

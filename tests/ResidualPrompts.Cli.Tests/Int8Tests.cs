using System.Text.Json;
using ResidualPrompts.Compute;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// <c>--int8</c>: slightly different numbers from every command that scores, on every processor that can, and the kernel is named.
/// </summary>
public sealed class Int8Tests : IDisposable
{
    private const string Reason = "this processor has no AVX2";
    private static readonly ProgramProcess WithoutInstructions = Program.Process.With("DOTNET_EnableAVXVNNI", "0").With("DOTNET_EnableAVX512", "0");
    private static readonly ProgramProcess WithoutVectors = Program.Process.With("DOTNET_EnableAVX2", "0");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_command_that_scores_takes_it()
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        var rows = await Train();
        string[][] commands =
        [
            ["predict", _folder.File("run"), "--input", rows],
            ["score", "--model", _folder.File("model"), "--prompt", _folder.File("run"), "--label-ids", "[[7,1],[8,9,1]]", "--generate", "3",
            "--input", rows],
        ];
        foreach (var command in commands)
        {
            var exact = await Scores(InProcess.Run(command));
            var scores = await Scores(InProcess.Run([.. command, "--int8"]));
            scores.Should().NotEqual(exact);
            foreach (var (score, wanted) in scores.Zip(exact))
                score.Should().BeApproximately(wanted, 0.05 * (exact.Max() - exact.Min()));
        }

        var evaluated = await InProcess.Run("evaluate", _folder.File("run"), "--int8");
        evaluated.ExitCode.Should().Be(0, evaluated.Error);
        evaluated.Output.Should().EndWith($",\"undefined\":{{}},\"int8\":true,\"int8_kernel\":\"{ComputeChoice.Int8Kernel}\"}}\n");
        (await InProcess.Run("evaluate", _folder.File("run"))).Output.Should().EndWith(",\"undefined\":{}}\n");
    }

    /// <summary>Bytes to 127 instead of 255: twice as coarse.</summary>
    [Fact]
    public async Task A_processor_without_instructions_for_it_gives_nearly_the_same()
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, Reason);
        var rows = await Train();
        string[] command = ["predict", _folder.File("run"), "--input", rows, "--int8"];
        var exact = await Scores(InProcess.Run(command[..^1]));
        var narrow = await WithoutInstructions.Run(command);
        narrow.Error.Should().BeEmpty();
        foreach (var (score, wanted) in (await Scores(Task.FromResult(narrow))).Zip(exact))
            score.Should().BeApproximately(wanted, 0.1 * (exact.Max() - exact.Min()));
    }

    [Fact]
    public async Task A_processor_that_cannot_do_it_is_told_of_before_anything_is_loaded()
    {
        string[][] commands =
        [
            ["evaluate", "no-run", "--int8"], ["predict", "no-run", "text", "--int8"], ["score", "--model", "no-model", "--generate", "1", "--int8"],
            ["bench", "int8", "--model", "no-model"],
        ];
        foreach (var command in commands)
            (await WithoutVectors.Run(command))
                .ShouldBeRefused($"{(command[0] == "bench" ? "bench int8" : "--int8")} needs a processor with AVX2, which this one lacks.\n");
    }

    private async Task<string> Train()
    {
        var (model, data) = (TinyFolder.WriteModel(_folder), TinyFolder.WriteRows(_folder));
        var trained = await InProcess.Run("train", "--model", model, "--data", data, "--save-dir", _folder.Path, "--save-name", "run", "--epochs",
            "1", "--prompt-length", "3");
        trained.ExitCode.Should().Be(0, trained.Error);
        return Path.Combine(data, "validation.jsonl");
    }

    private static async Task<double[]> Scores(Task<ProgramResult> running)
    {
        var result = await running;
        result.ExitCode.Should().Be(0, result.Error);
        return [.. result.Lines.SelectMany(line => JsonDocument.Parse(line).RootElement.GetProperty("scores").EnumerateArray()
            .Select(score => score.GetDouble()))];
    }
}

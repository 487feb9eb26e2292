using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary><c>--int8</c>: a little other numbers from every command that scores, the same on every processor, and said where they are told.</summary>
public sealed class Int8Tests : IDisposable
{
    private static readonly (string, string) WithoutInstructions = ("DOTNET_EnableAVXVNNI", "0");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_command_that_scores_takes_it()
    {
        var rows = await Train();
        string[][] commands =
        [
            ["predict", _folder.File("run"), "--input", rows],
            ["score", "--model", _folder.File("model"), "--prompt", _folder.File("run"), "--label-ids", "[[7,1],[8,9,1]]", "--input", rows],
        ];
        foreach (var command in commands)
        {
            var exact = await Scores(Program.Run(command));
            var scores = await Scores(Program.Run([.. command, "--int8"]));
            scores.Should().NotEqual(exact);
            foreach (var (score, wanted) in scores.Zip(exact))
                score.Should().BeApproximately(wanted, 0.5);
        }

        var evaluated = await Program.Run("evaluate", _folder.File("run"), "--int8");
        evaluated.ExitCode.Should().Be(0, evaluated.Error);
        evaluated.Output.Should().EndWith(",\"undefined\":{},\"int8\":true}\n");
        (await Program.Run("evaluate", _folder.File("run"))).Output.Should().EndWith(",\"undefined\":{}}\n");
    }

    [Fact]
    public async Task A_processor_without_instructions_for_it_gives_the_same_and_says_that_it_saves_no_time()
    {
        var rows = await Train();
        string[] command = ["predict", _folder.File("run"), "--input", rows, "--int8"];
        var without = await Program.RunUnder(WithoutInstructions, command);
        without.Error.Should().Match("warning: *AVX-VNNI*saves no time\n");
        (await Program.Run(command)).Output.Should().Be(without.Output);
    }

    private async Task<string> Train()
    {
        var (model, data) = (IdData.WriteModel(_folder), IdData.WriteRows(_folder));
        var trained = await Program.Run("train", "--model", model, "--data", data, "--save-dir", _folder.Path, "--save-name", "run", "--epochs", "1", "--prompt-length", "3");
        trained.ExitCode.Should().Be(0, trained.Error);
        return Path.Combine(data, "validation.jsonl");
    }

    private static async Task<double[]> Scores(Task<Result> running)
    {
        var result = await running;
        result.ExitCode.Should().Be(0, result.Error);
        return [.. result.Lines.SelectMany(line => JsonDocument.Parse(line).RootElement.GetProperty("scores").EnumerateArray().Select(score => score.GetDouble()))];
    }
}

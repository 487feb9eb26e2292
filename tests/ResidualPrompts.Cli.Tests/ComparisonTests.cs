using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

public sealed class ComparisonTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Several_seeds_train_one_after_another_and_are_compared()
    {
        string[] options = ["train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--save-dir", _folder.Path,
            "--save-name", "seeds", "--epochs", "1"];
        var trained = await InProcess.Run([.. options, "--seeds", "3,5"]);
        trained.ExitCode.Should().Be(0, trained.Error);
        trained.Output.Should().MatchRegex(@"validation +accuracy \d+\.\d % ± \d+\.\d over 2 seeds");
        string[] runs = [_folder.File("seeds", "seed-3"), _folder.File("seeds", "seed-5")];
        var table = await InProcess.Run(["compare", .. runs]);
        table.Lines.Should().Contain(line => line.Trim().StartsWith("seed ") && line.Contains('3') && line.Contains('5'))
            .And.Contain(line => line.Contains("validation accuracy")).And.NotContain(line => line.Contains("batch_size"));
        var json = await InProcess.Run(["compare", .. runs, "--json"]);
        json.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("settings").GetProperty("seed").GetInt64()).Should().Equal(3, 5);
        var markdown = await InProcess.Run("compare", _folder.File("seeds"), runs[0], "--markdown", "--curves", _folder.File("loss.svg"));
        markdown.Lines.Should().HaveCount(4).And.Contain(line => line.Contains("| finished |") && line.Contains(" ± "));
        (await File.ReadAllTextAsync(_folder.File("loss.svg"), TestContext.Current.CancellationToken)).Should().Contain("<svg").And.Contain("<path");
        (await InProcess.Run("compare", runs[0], "--curves", _folder.File("loss.gif"))).ShouldBeRefused("*loss.gif*.svg or .png*");
        (await InProcess.Run("compare", runs[0], "--curves", _folder.File("nowhere", "loss.svg"))).ShouldBeRefused("*nowhere*cannot be written*");
        (await InProcess.Run("compare", _folder.Path)).ShouldBeRefused("*is not a run directory*");
        (await InProcess.Run([.. options, "--seeds", "1,1"])).ShouldBeRefused("*--seeds is 1,1*");
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _residual_prompts residual-prompts")]
    [InlineData("zsh", "compdef _residual_prompts residual-prompts")]
    public async Task A_completion_script_asks_the_program(string shell, string line)
    {
        (await InProcess.Run("completion", shell)).Lines.Should().Contain(line);
        (await InProcess.Run("[suggest:24]", "residual-prompts train --")).Lines.Should().Contain("--prompt-length");
        (await InProcess.Run("completion", "fish")).ExitCode.Should().Be(2);
    }
}

namespace ResidualPrompts.Cli.Tests;

public sealed class CompletionTests
{
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

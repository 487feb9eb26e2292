using System.CommandLine;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>completion</c>: a script that lets a shell complete commands and options by asking the program.</summary>
internal static class CompletionCommand
{
    internal static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash or zsh." };
        shell.OnlyFrom("bash", "zsh");
        var command = new Command("completion", "Print a completion script: source <(residual-prompts completion bash).") { shell };
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            Console.Write(parsed.GetValue(shell) == "bash" ? Bash : Zsh);
        });
        return command;
    }

    private const string Bash = """
        _residual_prompts() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(residual-prompts "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _residual_prompts residual-prompts

        """;

    private const string Zsh = """
        _residual_prompts() {
            local -a found
            found=("${(@f)$(residual-prompts "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a found || _files
        }
        compdef _residual_prompts residual-prompts

        """;
}

using System.CommandLine;
using System.CommandLine.Help;
using ResidualPrompts.Cli.Options;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Help of <c>train</c>: settings by group with range and default, then the command's other options.</summary>
/// <param name="command">The command.</param>
/// <param name="width">Columns.</param>
/// <param name="write">Writes a line.</param>
internal sealed class TrainHelp(Command command, int width, Action<string> write)
{
    private const int WidestColumn = 34;
    private const int LeastBeside = 30; // narrower text stands below its option
    private const int Indented = 6;

    internal static int Print(Command command)
    {
        new TrainHelp(command, HelpWidth.Current, Console.WriteLine).Print();
        return ExitCode.Good;
    }

    internal void Print()
    {
        Paragraph("Train a prompt for a task and a frozen T5.", 0);
        write("");
        write("Usage:");
        Paragraph("residual-prompts train --task NAME --model NAME|DIR --save-name NAME [options]", 2);
        Paragraph("residual-prompts train --data DIR|FILE --template TEXT --label-words V=WORD,… --save-name NAME [options]", 2);
        write("");
        Paragraph("The flags of the original command (--prefix_MLP, --num_epochs, …) also work.", 0);
        foreach (var group in SettingHelp.All.GroupBy(help => help.Group))
        {
            write("");
            write($"{group.Key}:");
            foreach (var help in group)
                Line(help.Setting.IsFlag ? help.OptionName : $"{help.OptionName} <{help.Placeholder}>", help.Sentence);
        }

        var settings = SettingHelp.All.Select(help => help.OptionName).ToHashSet();
        foreach (var option in command.Options.Where(option => !option.Hidden && option is not HelpOption && !settings.Contains(option.Name)))
            Line(option);
        write("");
        write("All commands:");
        foreach (var option in command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive)
            .OrderBy(option => option is HelpOption))
            Line(option);
    }

    private void Line(Option option)
    {
        // The short names of other systems (-?, /h) work everywhere and are shown by the help of the other commands.
        var names = option is HelpOption ? "-h, --help" : option.Name;
        var value = option.HelpName ?? "VALUE";
        var help = option.ValueType == typeof(bool) || option is HelpOption ? names
            : option.Arity.MinimumNumberOfValues == 0 ? $"{names} [{value}]" : $"{names} <{value}>";
        Line(help, option.Description ?? "");
    }

    private void Line(string option, string text)
    {
        var start = $"  {option}";
        var column = width - WidestColumn - 1 >= LeastBeside ? WidestColumn : Indented - 1;
        if (start.Length >= column)
        {
            Paragraph(option, 2);
            start = "";
        }

        foreach (var line in WrappedText.Lines(text, width - column - 1))
        {
            write($"{start.PadRight(column)} {line}");
            start = "";
        }
    }

    private void Paragraph(string text, int indentation)
    {
        foreach (var line in WrappedText.Lines(text, width - indentation))
            write(new string(' ', indentation) + line);
    }
}

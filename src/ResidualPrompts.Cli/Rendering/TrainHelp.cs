using ResidualPrompts.Cli.Options;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Help of <c>train</c>: settings by group with range and default.</summary>
internal static class TrainHelp
{
    private const int Width = 34;
    private const int MinTextWidth = 40;

    internal static int Print()
    {
        Console.WriteLine("""
            Train a prompt for a task and a frozen T5.

            Usage:
              residual-prompts train --task NAME --model NAME|DIR --save-name NAME [options]
              residual-prompts train --data DIR|FILE --template TEXT --label-words V=WORD,… --save-name NAME [options]

            The flags of the original command (--prefix_MLP, --num_epochs, …) also work.
            """);
        foreach (var group in SettingHelp.All.GroupBy(help => help.Group))
        {
            Console.WriteLine($"\n{group.Key}:");
            foreach (var help in group)
                Line(help.Setting.IsFlag ? help.OptionName : $"{help.OptionName} <{help.Placeholder}>", help.Sentence);
        }

        Line("--config <FILE>", "JSON file of settings with the keys of run.json; named options override it.");
        Line("--seeds <N,N,…>", "Train once per seed, one after another, into SAVE_NAME/seed-N, and print mean and standard deviation.");
        Line("--plan", "Train nothing and write nothing: print what the run would do, with its time and memory from a few measured steps.");
        Line("--json", "With --plan: print one JSON object instead of a table.");
        Line("--resume", "Continue the run of this directory; a finished run is left unchanged.");
        Line("--overwrite", "Start over if the run directory exists; the earlier run is lost.");
        Console.WriteLine("\nAll commands:");
        Line("--threads <N>", "Number of compute threads. Default: the physical cores available to this process.");
        Line("--compute <WHO>", "Kernels for matrix products and attention: auto, libtorch or managed. Default: auto.");
        Line("--verbose", "Print the stack trace of a failure.");
        return ExitCode.Good;
    }

    private static void Line(string option, string text)
    {
        var start = $"  {option}";
        if (start.Length >= Width)
        {
            Console.WriteLine(start);
            start = "";
        }

        foreach (var line in Wrapped(text, TextWidth()))
        {
            Console.WriteLine($"{start.PadRight(Width)} {line}");
            start = "";
        }
    }

    /// <summary>Columns of the text beside an option; a pipe has no width, so nothing is wrapped.</summary>
    private static int TextWidth() =>
        StandardOutput.IsRedirected ? int.MaxValue : Math.Max(MinTextWidth, Console.WindowWidth - Width - 2);

    /// <summary>Breaks a text at spaces into lines of at most <paramref name="width"/> characters; a longer word gets its own line.</summary>
    private static IEnumerable<string> Wrapped(string text, int width)
    {
        while (text.Length > width)
        {
            var end = text.LastIndexOf(' ', width);
            if (end < 0 && (end = text.IndexOf(' ')) < 0)
                break;
            yield return text[..end];
            text = text[(end + 1)..];
        }

        yield return text;
    }
}

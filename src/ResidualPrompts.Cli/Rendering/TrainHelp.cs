using ResidualPrompts.Cli.Options;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Help of <c>train</c>: its settings by group, each with what it does and its default.</summary>
internal static class TrainHelp
{
    private const int Width = 34;

    internal static int Print()
    {
        Console.WriteLine("""
            Train a prompt for a task and a frozen T5.

            Usage:
              residual-prompts train --task NAME --model NAME|DIR --save-name NAME [options]
              residual-prompts train --data DIR|FILE --template TEXT --label-words V=WORD,… --save-name NAME [options]

            The original's flags (--prefix_MLP, --num_epochs, …) are understood as well.
            """);
        foreach (var group in SettingHelp.All.GroupBy(help => help.Group))
        {
            Console.WriteLine($"\n{group.Key}:");
            foreach (var help in group)
                Line(help.Setting.IsFlag ? help.OptionName : $"{help.OptionName} <{help.Placeholder}>", help.Sentence);
        }

        Line("--config <FILE>", "JSON file of settings, keys as in run.json; named options win.");
        Line("--seeds <N,N,…>", "Train with each of these seeds, one after another, into SAVE_NAME/seed-N; prints mean and standard deviation.");
        Line("--resume", "Go on where the run of this directory stopped; nothing happens when it is finished.");
        Line("--overwrite", "Start anew when the run directory exists; the earlier run is lost.");
        Console.WriteLine("\nEverywhere:");
        Line("--threads <N>", "Threads that compute. Default: the physical cores that this process may use.");
        Line("--compute <WHO>", "Who multiplies and attends: auto, libtorch or managed. Default: auto.");
        Line("--verbose", "Show where in the program a failure happened.");
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

        Console.WriteLine($"{start.PadRight(Width)} {text}");
    }
}

using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Rendering.Progress;

/// <summary>Shows the progress of a run on standard error: a bar on a terminal, lines in a pipe.</summary>
internal static class TrainingProgress
{
    internal static CompletedRun Show(RunNotes notes, Func<RunObserver, CompletedRun> train)
    {
        if (ErrorTerminal.Find() is { } console)
            return TrainingBar.Show(console, notes, train);
        var lines = new TrainingLines(notes, Console.Error.WriteLine, TimeProvider.System);
        try
        {
            return train(lines.Observer);
        }
        finally
        {
            lines.End();
        }
    }
}

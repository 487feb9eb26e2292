using ResidualPrompts.Runs;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Says the notes and warnings of a run once each: what is known at the start before the first step, the rest at the end.</summary>
internal sealed class RunNotes
{
    private int _saidCount; // a run only adds notes

    /// <summary>A warning as a line; one that is known at the start has no step.</summary>
    internal static string Text(WarningRaised warning) =>
        $"warning: {RemedyText.Of(warning)}{(warning.Step > 0 ? $" (step {warning.Step})" : "")}";

    internal void Begin(RunStart start, Action<string> write)
    {
        End(start.Notes, write);
        foreach (var warning in start.Warnings)
            write(Text(warning));
    }

    internal void End(IReadOnlyList<string> notes, Action<string> write)
    {
        foreach (var note in notes.Skip(_saidCount))
            write($"note: {note}");
        _saidCount = notes.Count;
    }
}

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Columns of help: those of the terminal, within bounds in which it can be read; a pipe has no width, so nothing is wrapped.</summary>
internal static class HelpWidth
{
    internal const int Least = 60;
    internal const int Most = 200;

    internal static int Current => StandardOutput.IsRedirected ? int.MaxValue : Of(Console.WindowWidth);

    /// <summary>The width for a terminal; one that does not know its width says 0.</summary>
    internal static int Of(int columns) => columns <= 0 ? 80 : Math.Clamp(columns, Least, Most);
}

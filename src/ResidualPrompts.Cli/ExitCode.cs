namespace ResidualPrompts.Cli;

/// <summary>How the program ends.</summary>
internal static class ExitCode
{
    internal const int Good = 0;
    internal const int Failed = 1;
    internal const int BadInput = 2;
    internal const int Interrupted = 130;

    /// <summary>Whoever read the results is gone: as a program that the system ended for it.</summary>
    internal const int ReaderGone = 141;
}

using System.Runtime.InteropServices;

namespace ResidualPrompts.Cli;

/// <summary>Exit codes of the program.</summary>
internal static class ExitCode
{
    internal const int Good = 0;
    internal const int Failed = 1;
    internal const int BadInput = 2;
    internal const int Interrupted = 130;

    /// <summary>The reader of standard output has closed it; the code equals that of a process killed by SIGPIPE.</summary>
    internal const int ReaderGone = 141;

    /// <summary>The code that a shell reports for a process that a signal ended.</summary>
    internal static int Of(PosixSignal signal) => signal switch
    {
        PosixSignal.SIGHUP => 129,
        PosixSignal.SIGQUIT => 131,
        PosixSignal.SIGTERM => 143,
        _ => Interrupted,
    };
}

using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli;

/// <summary>
/// How the process ends. On Unix, <c>exit()</c> runs the destructors of libtorch and of its thread pool while other threads may still compute, or
/// free tensors, which ends in a segmentation fault. So the program never leaves that way: it writes what it has to say, cleans up, and is gone.
/// The class is ready before the work begins, because at the end there may be no memory to load anything.
/// </summary>
internal static class ProcessEnd
{
    private const int TerminalBytes = 128; // more than any struct termios has
    private const int StandardInputDescriptor = 0;
    private const string ShowCursor = "\u001b[?25h";
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(2);
    private static readonly List<Deed> Deeds = [];
    private static byte[]? _terminal;
    private static int _isEnding;

    /// <summary>Takes over the end of this process, also that by an exception that nobody catches.</summary>
    internal static void Prepare()
    {
        ClosedStreams.Silence();
        Console.SetError(new LastingWriter(Console.Error));
        foreach (var name in new[] { nameof(With), nameof(Now), nameof(Goodbye), nameof(Registered), nameof(Leave) })
            RuntimeHelpers.PrepareMethod(typeof(ProcessEnd).GetMethod(name, BindingFlags.NonPublic | BindingFlags.Static)!.MethodHandle);
        if (!OperatingSystem.IsWindows())
            Marshal.Prelink(((Action<int>)LibC.Exit).Method);
        if (!OperatingSystem.IsWindows() && !Console.IsInputRedirected)
        {
            var settings = new byte[TerminalBytes];
            _terminal = LibC.GetTerminal(StandardInputDescriptor, settings) == 0 ? settings : null;
        }

        AppDomain.CurrentDomain.UnhandledException += (_, e) =>
            Now(e.ExceptionObject is Exception exception ? CommandLine.Report(exception, IsVerbose) : ExitCode.Failed);
        StopSignals.Handle();
    }

    /// <summary>Registers what is to be done before the process ends at once, by a signal for example; disposing the result takes it back.</summary>
    internal static IDisposable Before(Action deed) => new Deed(deed);

    /// <summary>Ends the process when its work is done.</summary>
    internal static int With(int code)
    {
        if (!OperatingSystem.IsWindows()) // which ends all other threads before it runs any destructor
            Leave(code);
        return code;
    }

    /// <summary>Ends the process at once, whatever its other threads do.</summary>
    /// <param name="code">The exit code.</param>
    /// <param name="line">A last line on standard error, or null.</param>
    [DoesNotReturn]
    internal static void Now(int code, string? line = null)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 0)
        {
            Goodbye(line);
            Leave(code);
        }

        while (true)
            Thread.Sleep(Timeout.Infinite); // another thread ends the process
    }

    /// <summary>On a thread of its own, because a full pipe or a slow disk must not keep the process.</summary>
    private static void Goodbye(string? line)
    {
        try
        {
            var thread = new Thread(() =>
            {
                if (line is not null)
                    Console.Error.WriteLine(Console.IsErrorRedirected ? line : ShowCursor + line);
                foreach (var deed in Registered())
                    deed.Do();
            })
            { IsBackground = true };
            thread.Start();
            thread.Join(LongestGoodbye);
        }
        catch (OutOfMemoryException)
        {
            // No thread can start any more.
        }
    }

    [DoesNotReturn]
    private static void Leave(int code)
    {
        if (OperatingSystem.IsWindows())
        {
            _ = TerminateProcess(-1, (uint)code); // -1 is this process
        }
        else
        {
            // .NET changes a terminal while it reads from it. A process in the background must not touch it: it would be stopped.
            if (_terminal is { } settings && LibC.GetForegroundGroup(StandardInputDescriptor) == LibC.GetGroup())
                _ = LibC.SetTerminal(StandardInputDescriptor, LibC.TerminalNow, settings);
            LibC.Exit(code);
        }

        throw new InvalidOperationException("The process did not end.");
    }

    private static Deed[] Registered()
    {
        lock (Deeds)
            return [.. Deeds];
    }

    private static bool IsVerbose => Array.IndexOf(Environment.GetCommandLineArgs(), "--verbose") >= 0;

    [DllImport("kernel32")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int TerminateProcess(nint process, uint code);

    private sealed class Deed : IDisposable
    {
        private readonly Action _action;

        internal Deed(Action action)
        {
            _action = action;
            lock (Deeds)
                Deeds.Add(this);
        }

        public void Dispose()
        {
            lock (Deeds)
                Deeds.Remove(this);
        }

        internal void Do()
        {
            try
            {
                _action();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // The others are done all the same.
            }
        }
    }
}

using System.Runtime.InteropServices;
using ResidualPrompts.Files;

namespace ResidualPrompts.Cli;

/// <summary>
/// While an instance lives, a signal asks the command to stop in order. At any other time, and when it is repeated (<see cref="SignalCount"/>), it
/// ends the process at once. The process has one request to stop: whoever asks for it after that finds it made.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50);
    private static readonly SignalCount Count = new(TimeProvider.System);
    private static readonly CancellationTokenSource Request = new();
    private static PosixSignalRegistration[] _registrations = [];
    private static volatile bool _wasInterrupt;
    private static int _instances;

    internal StopSignals() => Interlocked.Increment(ref _instances);

    internal CancellationToken Token { get; } = Request.Token;

    /// <summary>Whether Ctrl-C stopped the work. SIGTERM is the normal way to end a service and does not count as an interruption.</summary>
    internal bool WasInterrupt => Token.IsCancellationRequested && _wasInterrupt;

    /// <summary>Handles the signals from now to the end of the process. A signal that the parent had ignored (<c>nohup</c>) stays ignored.</summary>
    internal static void Handle() => _registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, Handle))];

    /// <summary>Asks the command to stop in order, as a signal does, and without counting as one.</summary>
    internal static void Stop() => Ask();

    public void Dispose() => Interlocked.Decrement(ref _instances);

    private static void Handle(PosixSignalContext context)
    {
        context.Cancel = true; // the runtime would end the process through exit(), see ProcessEnd
        switch (Count.Next(stopsInOrder: Volatile.Read(ref _instances) > 0))
        {
            case SignalMeaning.Stop:
                _wasInterrupt = context.Signal == PosixSignal.SIGINT;
                Ask();
                new Thread(EndIfNobodyHears) { IsBackground = true }.Start();
                break;
            case SignalMeaning.Repetition when Request.IsCancellationRequested: // else the process is about to end
                Console.Error.WriteLine("Already stopping. One more signal ends the process at once.");
                break;
            case SignalMeaning.End:
                var code = Request.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Of(context.Signal);
                ProcessEnd.Now(code, $"Ended at once by {context.Signal}.");
                break;
        }
    }

    /// <summary>A command that waits for a pipe does not see the request. It has nothing to keep: its input comes before its work.</summary>
    private static void EndIfNobodyHears()
    {
        while (!PipeWait.IsWaiting)
            Thread.Sleep(Glance);
        ProcessEnd.Now(ExitCode.Interrupted, "Stopped while it waited for its input.");
    }

    private static void Ask()
    {
        try
        {
            Request.Cancel();
        }
        catch (AggregateException)
        {
            // Somebody could not be told; the process must not end for that.
        }
    }
}

using System.Runtime.InteropServices;

namespace ResidualPrompts.Cli;

/// <summary>Ctrl-C and SIGTERM request an orderly stop; a second signal ends the process immediately.</summary>
internal sealed class StopSignals : IDisposable
{
    private static volatile bool _isWatching;
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;

    internal StopSignals()
    {
        _isWatching = true;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    internal CancellationToken Token => _source.Token;

    /// <summary>Whether Ctrl-C stopped the work. SIGTERM is the normal way to end a service and does not count as an interruption.</summary>
    internal bool WasInterrupt { get; private set; }

    /// <summary>Makes Ctrl-C end a command that does not handle it, with the exit code that a shell would report.</summary>
    internal static PosixSignalRegistration ExitAtOnce() => PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
    {
        context.Cancel = true;
        if (!_isWatching)
            Environment.Exit(ExitCode.Interrupted);
    });

    public void Dispose()
    {
        _isWatching = false;
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested)
            Environment.Exit(ExitCode.Interrupted);
        context.Cancel = true;
        WasInterrupt = context.Signal == PosixSignal.SIGINT;
        _source.Cancel();
    }
}

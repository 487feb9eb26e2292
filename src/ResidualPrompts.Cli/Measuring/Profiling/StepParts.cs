using System.Diagnostics;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Measuring.Profiling;

/// <summary>Observes the training loop and sums the seconds of forward, backward and update.</summary>
internal sealed class StepParts : IDisposable
{
    private readonly ActivityListener _listener;
    private TimeSpan _total;

    internal StepParts()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Trainer.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
            ActivityStopped = part => _total += part.Duration,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Returns the seconds since the last call.</summary>
    internal TimeSpan Take()
    {
        var taken = _total;
        _total = TimeSpan.Zero;
        return taken;
    }

    public void Dispose() => _listener.Dispose();
}

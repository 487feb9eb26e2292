using System.Diagnostics;
using ResidualPrompts.Compute.Profiling;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Measuring.Profiling;

/// <summary>A profiled training step.</summary>
/// <param name="Step">The step.</param>
/// <param name="Milliseconds">The time of each part, by its name.</param>
/// <param name="Flops">The operations of each part in products with weights.</param>
/// <param name="TotalMilliseconds">The time in which the parts ran: that of the step and of little else.</param>
internal sealed record ProfiledStep(
    MeasuredStep Step, IReadOnlyDictionary<string, double> Milliseconds, IReadOnlyDictionary<string, double> Flops, double TotalMilliseconds);

/// <summary>Profiles steps of the training loop. The loop's own activities tell when a pass or an update begins.</summary>
internal sealed class StepProfiler : IDisposable
{
    private readonly ActivityListener _listener = new()
    {
        ShouldListenTo = source => source.Name == Trainer.ActivitySourceName,
        Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.PropagationData,
        ActivityStarted = part => StepProfile.Enter(part.OperationName == "gradients" ? StepProfile.Other : StepProfile.Update),
        ActivityStopped = _ => StepProfile.Enter(StepProfile.Update),
    };

    internal StepProfiler() => ActivitySource.AddActivityListener(_listener);

    /// <summary>Measures the machine's rate, then profiles the next step.</summary>
    internal static ProfiledStep Next(StepLoop loop)
    {
        var raw = RawGemm.MeasureGflops(seconds: 0);
        StepProfile.Start(StepProfile.Batching);
        var step = loop.Next() with { RawGflops = raw };
        var (parts, ticks) = StepProfile.Stop();
        return new ProfiledStep(
            step, parts.ToDictionary(part => part.Key, part => Milliseconds(part.Value.Ticks)),
            parts.ToDictionary(part => part.Key, part => part.Value.Flops), Milliseconds(ticks));
    }

    public void Dispose() => _listener.Dispose();

    private static double Milliseconds(long ticks) => 1000.0 * ticks / Stopwatch.Frequency;
}

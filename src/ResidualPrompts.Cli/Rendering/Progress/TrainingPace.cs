using System.Globalization;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Rendering.Progress;

/// <summary>How fast a run is and how long it will still take. The time of evaluations counts in the share that it has had so far.</summary>
/// <param name="stepCount">Steps of the whole run.</param>
/// <param name="clock">The clock.</param>
internal sealed class TrainingPace(long stepCount, TimeProvider clock)
{
    private const double Forget = 0.95;
    private readonly long _start = clock.GetTimestamp();
    private double _weighted;
    private double _weight; // of all steps so far: the first ones, which are slow, do not count more than their share
    private double _inSteps;
    private long _count;
    private long _lastStep;

    private double Recent => _weighted / _weight;

    /// <summary>Steps per second over the last steps, such as <c>13.0</c>; empty before the first step.</summary>
    internal string Rate => _count == 0 ? "" : (1 / Math.Max(Recent, 1e-6)).ToString("0.0", CultureInfo.InvariantCulture);

    /// <summary>The time that is left, such as <c>0:01:20</c> or <c>2 d 3:00:00</c>; empty before the first step and after the last one.</summary>
    internal string Left
    {
        get
        {
            if (_count == 0 || _lastStep >= stepCount)
                return "";
            var others = Math.Max(0, clock.GetElapsedTime(_start).TotalSeconds - _inSteps) / _count;
            var left = TimeSpan.FromSeconds(Math.Min((stepCount - _lastStep) * (Recent + others), TimeSpan.MaxValue.TotalSeconds / 2));
            var time = left.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture);
            return left.Days > 0 ? $"{left.Days.ToString(CultureInfo.InvariantCulture)} d {time}" : time;
        }
    }

    internal void Add(StepCompleted step)
    {
        _weighted = (Forget * _weighted) + ((1 - Forget) * step.DurationSeconds);
        _weight = (Forget * _weight) + (1 - Forget);
        _inSteps += step.DurationSeconds;
        _count++;
        _lastStep = step.Step;
    }
}

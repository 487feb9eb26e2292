using System.Text.Json;
using ResidualPrompts.Backbones;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Testing;

/// <summary>Runs that train in a moment. How a run is trained and opened stands here once for all tests.</summary>
public static class TinyRun
{
    /// <summary>One epoch on the rows of <see cref="TinyFolder"/>, into <c>FOLDER/NAME</c>.</summary>
    public static RunSpec Spec(TemporaryFolder folder, string name = "run")
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new RunSpec
        {
            Model = TinyFolder.WriteModel(folder),
            Data = TinyFolder.WriteRows(folder),
            Epochs = 1,
            SaveDir = folder.Path,
            SaveName = name
        };
    }

    /// <summary>Trains to the end.</summary>
    public static CompletedRun Train(RunSpec spec, RunMode mode = RunMode.New, RunObserver? observer = null) =>
        TrainingRun.Train(spec, mode, observer, TestContext.Current.CancellationToken);

    /// <summary>Trains until an observer asks it to stop.</summary>
    public static void TrainUntil(CancellationTokenSource stop, RunSpec spec, RunObserver observer)
    {
        ArgumentNullException.ThrowIfNull(stop);
        try
        {
            using var completed = TrainingRun.Train(spec, RunMode.New, observer, stop.Token);
        }
        catch (RunInterruptedException)
        {
            return;
        }

        throw new InvalidOperationException("The run ended before it was asked to stop.");
    }

    /// <summary>Opens a finished run.</summary>
    public static TrainedRun Open(string path, bool allowMismatch = false, BackboneOptions? options = null) =>
        TrainedRun.Open(path, allowMismatch, options);

    /// <summary>Trains a run of <see cref="Spec"/> and opens it.</summary>
    public static TrainedRun TrainAndOpen(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Train(spec);
        return Open(spec.Directory);
    }

    /// <summary>The lines of a run's log.</summary>
    public static JsonElement[] Events(string run) =>
        [.. File.ReadLines(Path.Combine(run, "events.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>The lines of a run's log of one kind.</summary>
    public static IEnumerable<JsonElement> Events(string run, string kind) =>
        Events(run).Where(line => line.GetProperty("event").GetString() == kind);

    /// <summary>The losses of a run's steps.</summary>
    public static double[] Losses(string run) => [.. Events(run, "step").Select(step => step.GetProperty("loss").GetDouble())];
}

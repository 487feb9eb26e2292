using System.Globalization;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Runs;

/// <summary>
/// Everything that determines the rest of a run, in one safetensors file, so it is replaced atomically: parameters, optimizer state and best
/// release as tensors; position, best value and lengths of the logs as metadata.
/// </summary>
internal static class ResumeCheckpoint
{
    private const string ParameterPrefix = "parameter/";
    private const string OptimizerPrefix = "optimizer/";
    private const string BestPrefix = "best/";

    /// <summary>Lengths of the logs in bytes at the checkpoint.</summary>
    internal readonly record struct LogLengths(long Events, long Metrics);

    internal static void Save(string path, TrainedParts trained, Optimizer optimizer, TrainingState state, LogLengths logs)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, parameter) in trained.Parameters)
            tensors[ParameterPrefix + name] = parameter.detach();
        foreach (var (name, moment) in optimizer.State)
            tensors[OptimizerPrefix + name] = moment;
        foreach (var (name, tensor) in state.Best?.Tensors ?? new Dictionary<string, Tensor>())
            tensors[BestPrefix + name] = tensor;
        SafetensorsWriter.Write(path, tensors, Metadata(optimizer.StepCount, state, logs));
    }

    /// <summary>The bytes of the largest checkpoint of a run; its numbers are as long as they can be.</summary>
    /// <param name="trained">The trained parts.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="hasBest">Whether a best state is kept, as in runs with validation rows.</param>
    /// <param name="stepCount">Steps of the entire run.</param>
    /// <param name="logs">The lengths of the logs at its end.</param>
    internal static long SizeOf(TrainedParts trained, Optimizer optimizer, bool hasBest, long stepCount, LogLengths logs)
    {
        var tensors = trained.Parameters.ToDictionary(pair => ParameterPrefix + pair.Key, pair => TensorSource.OfShape(pair.Value.shape));
        foreach (var (name, moment) in optimizer.State)
            tensors[OptimizerPrefix + name] = TensorSource.OfShape(moment.shape);
        foreach (var (name, shape) in trained.ReleaseShapes().Where(_ => hasBest))
            tensors[BestPrefix + name] = TensorSource.OfShape(shape);
        using var state = new TrainingState
        {
            Step = stepCount,
            CompletedEpochs = int.MaxValue,
            StepsInEpoch = int.MaxValue,
            LossSum = double.MinValue,
            BestValue = hasBest ? double.MinValue : null,
            BestEpoch = int.MaxValue,
        };
        return SafetensorsWriter.SizeOf(tensors, Metadata(stepCount, state, logs));
    }

    private static Dictionary<string, string> Metadata(long optimizerSteps, TrainingState state, LogLengths logs) => new()
    {
        ["step"] = Text(state.Step),
        ["completed_epochs"] = Text(state.CompletedEpochs),
        ["steps_in_epoch"] = Text(state.StepsInEpoch),
        ["loss_sum"] = state.LossSum.ToString("R", CultureInfo.InvariantCulture),
        ["evaluations_without_improvement"] = Text(state.EvaluationsWithoutImprovement),
        ["best_value"] = state.BestValue?.ToString("R", CultureInfo.InvariantCulture) ?? "",
        ["best_epoch"] = Text(state.BestEpoch),
        ["is_patience_exhausted"] = state.IsPatienceExhausted ? "1" : "0",
        ["raised"] = string.Join(' ', state.Raised.Order()),
        ["collapsed_evaluations"] = Text(state.CollapsedEvaluations),
        ["invalid_evaluations"] = Text(state.InvalidEvaluations),
        ["optimizer_steps"] = Text(optimizerSteps),
        ["events_bytes"] = Text(logs.Events),
        ["metrics_bytes"] = Text(logs.Metrics),
    };

    /// <summary>The lengths of the logs at a checkpoint; zero without a checkpoint that can be read.</summary>
    internal static LogLengths LengthsIn(string path)
    {
        try
        {
            if (!File.Exists(path))
                return default;
            using var file = SafetensorsFile.Open(path);
            long Number(string key) => file.Metadata.TryGetValue(key, out var text)
                && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
            return new LogLengths(Number("events_bytes"), Number("metrics_bytes"));
        }
        catch (CheckpointException)
        {
            return default; // a finished run no longer needs it
        }
    }

    /// <summary>Restores parameters, optimizer and state from the checkpoint.</summary>
    /// <exception cref="RunException">The file is damaged or belongs to other settings.</exception>
    internal static LogLengths Load(string path, TrainedParts trained, Optimizer optimizer, TrainingState state)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        try
        {
            using var file = SafetensorsFile.Open(path);
            var metadata = file.Metadata;
            long Number(string key) => long.Parse(metadata[key], NumberStyles.None, CultureInfo.InvariantCulture);
            double Real(string key) => double.Parse(metadata[key], CultureInfo.InvariantCulture) is var real && double.IsFinite(real) ? real
                : throw new FormatException($"{key} is not finite");
            int Count(string key) => checked((int)Number(key));
            foreach (var (name, parameter) in trained.Parameters)
                parameter.copy_(file.Read(ParameterPrefix + name));
            optimizer.Restore(optimizer.State.Keys.ToDictionary(name => name, name => file.Read(OptimizerPrefix + name)), Number("optimizer_steps"));
            state.Step = Number("step");
            state.CompletedEpochs = Count("completed_epochs");
            state.StepsInEpoch = Count("steps_in_epoch");
            state.LossSum = Real("loss_sum");
            state.EvaluationsWithoutImprovement = Count("evaluations_without_improvement");
            state.BestValue = metadata["best_value"].Length > 0 ? Real("best_value") : null;
            state.BestEpoch = Count("best_epoch");
            state.IsPatienceExhausted = metadata["is_patience_exhausted"] == "1";
            state.Raised.UnionWith(metadata["raised"].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<TrainingSymptom>));
            state.CollapsedEvaluations = Count("collapsed_evaluations");
            state.InvalidEvaluations = Count("invalid_evaluations");
            var released = file.Entries.Keys.Where(key => key.StartsWith(BestPrefix, StringComparison.Ordinal)).ToDictionary(
                key => key[BestPrefix.Length..], key => file.Read(key).clone().DetachFromDisposeScope());
            state.Best = released.Count > 0 ? new TrainedSnapshot(released) : null;
            return new LogLengths(Number("events_bytes"), Number("metrics_bytes"));
        }
        catch (Exception e)
            when (e is InputException { Kind: not ProblemKind.Inaccessible } or KeyNotFoundException or FormatException or ArgumentException
                or OverflowException
                or System.Runtime.InteropServices.ExternalException)
        {
            throw RunException.DamagedState(path, e.Message.Split('\n')[0]);
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
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
    private const string DigestKey = "digest"; // files of earlier versions have none

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
        var metadata = Metadata(optimizer.StepCount, state, logs);
        metadata[DigestKey] = DigestOf(metadata, tensors.Keys, name => tensors[name]);
        SafetensorsWriter.Write(path, tensors, metadata);
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
            SettledStep = stepCount,
            BestStep = stepCount,
            CompletedEpochs = int.MaxValue,
            StepsInEpoch = int.MaxValue,
            LossSum = double.MinValue,
            BestValue = hasBest ? double.MinValue : null,
            BestEpoch = int.MaxValue,
        };
        var metadata = Metadata(stepCount, state, logs);
        metadata[DigestKey] = new string('0', 2 * SHA256.HashSizeInBytes);
        return SafetensorsWriter.SizeOf(tensors, metadata);
    }

    private static Dictionary<string, string> Metadata(long optimizerSteps, TrainingState state, LogLengths logs) => new()
    {
        ["step"] = Text(state.Step),
        ["settled_step"] = Text(state.SettledStep),
        ["completed_epochs"] = Text(state.CompletedEpochs),
        ["steps_in_epoch"] = Text(state.StepsInEpoch),
        ["loss_sum"] = state.LossSum.ToString("R", CultureInfo.InvariantCulture),
        ["evaluations_without_improvement"] = Text(state.EvaluationsWithoutImprovement),
        ["best_value"] = state.BestValue?.ToString("R", CultureInfo.InvariantCulture) ?? "",
        ["best_epoch"] = Text(state.BestEpoch),
        ["best_step"] = Text(state.BestStep),
        ["is_patience_exhausted"] = state.IsPatienceExhausted ? "1" : "0",
        ["raised"] = string.Join(' ', state.Raised.Order()),
        ["collapsed_evaluations"] = Text(state.CollapsedEvaluations),
        ["invalid_evaluations"] = Text(state.InvalidEvaluations),
        ["steps_without_gradient"] = state.StepsWithoutGradient.Any(count => count > 0) ? string.Join(' ', state.StepsWithoutGradient) : "",
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

    /// <summary>The position of a checkpoint.</summary>
    /// <param name="Step">Updates so far.</param>
    /// <param name="IsSettled">Whether the consequences of the last step are part of it: its evaluation, the end of its epoch.</param>
    /// <param name="IsEarlierVersion">Whether a version wrote it that saved after the closing evaluation.</param>
    internal readonly record struct Position(long Step, bool IsSettled, bool IsEarlierVersion);

    /// <summary>The position of a checkpoint.</summary>
    /// <exception cref="RunException">The file is damaged.</exception>
    internal static Position PositionIn(string path)
    {
        try
        {
            using var file = SafetensorsFile.Open(path);
            long Number(string key) => long.Parse(file.Metadata[key], NumberStyles.None, CultureInfo.InvariantCulture);
            return file.Metadata.ContainsKey("settled_step")
                ? new Position(Number("step"), Number("settled_step") == Number("step"), IsEarlierVersion: false)
                : new Position(Number("step"), Number("steps_in_epoch") == 0, IsEarlierVersion: true);
        }
        catch (Exception e) when (e is CheckpointException { Kind: not ProblemKind.Inaccessible } or KeyNotFoundException or FormatException
            or OverflowException)
        {
            throw RunException.DamagedState(path, e.Message.Split('\n')[0]);
        }
    }

    /// <summary>Restores parameters, optimizer and state from the checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <param name="trained">The trained parts.</param>
    /// <param name="optimizer">The optimizer.</param>
    /// <param name="state">The position.</param>
    /// <param name="stepsPerEpoch">Updates of an epoch, for files of earlier versions.</param>
    /// <exception cref="RunException">The file is damaged or belongs to other settings.</exception>
    internal static LogLengths Load(string path, TrainedParts trained, Optimizer optimizer, TrainingState state, int stepsPerEpoch)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        try
        {
            using var file = SafetensorsFile.Open(path);
            var metadata = new Values(file.Metadata);
            foreach (var (name, parameter) in trained.Parameters)
                parameter.copy_(Read(file, ParameterPrefix + name, parameter));
            optimizer.Restore(
                optimizer.State.ToDictionary(part => part.Key, part => Read(file, OptimizerPrefix + part.Key, part.Value)),
                metadata.Number("optimizer_steps"));
            state.Step = metadata.Number("step");
            state.CompletedEpochs = metadata.Count("completed_epochs");
            state.StepsInEpoch = metadata.Count("steps_in_epoch");
            state.LossSum = metadata.Real("loss_sum");
            state.EvaluationsWithoutImprovement = metadata.Count("evaluations_without_improvement");
            state.BestValue = metadata.Text("best_value").Length > 0 ? metadata.Real("best_value") : null;
            state.BestEpoch = metadata.Count("best_epoch");
            // Earlier versions evaluated at the end of epochs only and saved nothing between an evaluation and that end.
            state.SettledStep = metadata.NumberOrNull("settled_step") ?? (state.StepsInEpoch == 0 ? state.Step : state.Step - 1);
            state.BestStep = metadata.NumberOrNull("best_step") ?? (long)state.BestEpoch * stepsPerEpoch;
            state.StepsWithoutGradient = [.. metadata.Counts("steps_without_gradient")];
            state.IsPatienceExhausted = metadata.Flag("is_patience_exhausted");
            state.Raised.UnionWith(metadata.Names<TrainingSymptom>("raised"));
            state.CollapsedEvaluations = metadata.Count("collapsed_evaluations");
            state.InvalidEvaluations = metadata.Count("invalid_evaluations");
            var released = file.Entries.Keys.Where(key => key.StartsWith(BestPrefix, StringComparison.Ordinal)).ToDictionary(
                key => key[BestPrefix.Length..], key => file.Read(key).clone().DetachFromDisposeScope());
            state.Best = released.Count > 0 ? new TrainedSnapshot(released) : null;
            var lengths = new LogLengths(metadata.Number("events_bytes"), metadata.Number("metrics_bytes"));
            // A value that could be right, but is another one, would silently train something else.
            if (file.Metadata.TryGetValue(DigestKey, out var digest)
                && digest != DigestOf(file.Metadata, file.Entries.Keys, name => file.Read(name, floatingType: null)))
                throw new FormatException($"its values are not those of its {DigestKey}");
            return lengths;
        }
        catch (Exception e) when (e is InputException { Kind: not ProblemKind.Inaccessible } or FormatException or ArgumentException)
        {
            throw RunException.DamagedState(path, e.Message.Split('\n')[0]);
        }
    }

    /// <summary>A tensor of the file that is to be copied into one of this run.</summary>
    private static Tensor Read(SafetensorsFile file, string key, Tensor target)
    {
        var tensor = file.Read(key, floatingType: null);
        return tensor.dtype == target.dtype && tensor.shape.AsSpan().SequenceEqual(target.shape) ? tensor
            : throw new FormatException($"{key} is {Described(tensor)}, expected {Described(target)}");
    }

    private static string Described(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";

    /// <summary>SHA-256 of everything else in the file.</summary>
    private static string DigestOf(IEnumerable<KeyValuePair<string, string>> metadata, IEnumerable<string> names, Func<string, Tensor> read)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in metadata.Where(pair => pair.Key is not (DigestKey or "format"))
            .OrderBy(pair => pair.Key, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{key}={value}\n");
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            var tensor = read(name);
            text.Append(CultureInfo.InvariantCulture, $"{name} {Described(tensor)} {TensorBytes.Hash(tensor):x16}\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The metadata of a resume checkpoint. What cannot be is a <see cref="FormatException"/> that names the value.</summary>
    private sealed class Values(IReadOnlyDictionary<string, string> metadata)
    {
        internal string Text(string key) => metadata.TryGetValue(key, out var text) ? text : throw new FormatException($"{key} is missing");

        internal long Number(string key) => long.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : throw Wrong(key, "a whole number");

        internal int Count(string key) => Number(key) is var number and <= int.MaxValue ? (int)number : throw Wrong(key, "a whole number");

        /// <summary>Null in a file of an earlier version, which did not know the value.</summary>
        internal long? NumberOrNull(string key) => metadata.ContainsKey(key) ? Number(key) : null;

        internal IEnumerable<int> Counts(string key) => (metadata.GetValueOrDefault(key) ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
                : throw Wrong(key, "whole numbers"));

        internal double Real(string key) =>
            double.TryParse(Text(key), NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real)
                ? real : throw Wrong(key, "a finite number");

        internal bool Flag(string key) => Text(key) switch { "0" => false, "1" => true, _ => throw Wrong(key, "0 or 1") };

        internal IEnumerable<T> Names<T>(string key)
            where T : struct, Enum => Text(key).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(name => Enum.GetNames<T>().Contains(name) ? Enum.Parse<T>(name)
                : throw Wrong(key, $"names of {string.Join(", ", Enum.GetNames<T>())}"));

        private FormatException Wrong(string key, string expected) => new($"{key} is '{ShownText.Value(Text(key))}', expected {expected}");
    }
}

using System.Text.Json.Serialization;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Planning;

/// <summary>
/// What a run will do, known before its first step: all exact, except <see cref="Estimate"/> and the sizes that are marked otherwise. The keys of its
/// JSON are the properties in snake_case (docs/formats.md).
/// </summary>
internal sealed record TrainingPlan
{
    /// <summary>The task's name; null for rows of token ids.</summary>
    public required string? Task { get; init; }

    /// <summary>The model, as the settings name it.</summary>
    public required string Model { get; init; }

    /// <summary>What is trained: prompt or full.</summary>
    public required TuningMethod Method { get; init; }

    /// <summary>The run directory; null for a run in memory.</summary>
    public required string? RunDirectory { get; init; }

    /// <summary>The training rows.</summary>
    public required SplitPlan Train { get; init; }

    /// <summary>The validation rows; null = there are none.</summary>
    public required SplitPlan? Validation { get; init; }

    /// <summary>The test rows, whether or not they will be scored; null = there are none.</summary>
    public required SplitPlan? Test { get; init; }

    /// <summary>Whether the test rows are scored at the end.</summary>
    public required bool ScoresTest { get; init; }

    /// <summary>The first training row as the model sees it.</summary>
    public PlannedExample Example => ReadExample.Value;

    /// <summary>Renders the example when it is shown: a run without a display does without.</summary>
    [JsonIgnore]
    internal required Lazy<PlannedExample> ReadExample { get; init; }

    /// <summary>The answers to choose from with their token ids, in label order; null when answers are open or differ by row.</summary>
    public required IReadOnlyList<PlannedAnswer>? Answers { get; init; }

    /// <summary>Numbers of trained parameters.</summary>
    public required ParameterPlan TrainedParameters { get; init; }

    /// <summary>Steps and evaluations.</summary>
    public required StepPlan Steps { get; init; }

    /// <summary>Sizes of the finished run's files; null for a run in memory.</summary>
    public required DiskPlan? Disk { get; init; }

    /// <summary>What the user should know about the data, one sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What a run warns of before its first step; written as in run.json.</summary>
    [JsonIgnore]
    public IReadOnlyList<WarningRaised> Warnings { get; init; } = [];

    /// <summary>Time and memory; null where nothing was measured.</summary>
    public PlanEstimate? Estimate { get; init; }

    /// <summary>The facts of a run.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="data">Its rows.</param>
    /// <param name="trained">The trained parts.</param>
    /// <param name="disk">The sizes of its files.</param>
    /// <param name="warnings">What the run warns of.</param>
    internal static TrainingPlan Of(RunSpec spec, RunData data, TrainedParts trained, DiskPlan? disk, IReadOnlyList<WarningRaised> warnings) => new()
    {
        Task = data.Task?.Name,
        Model = spec.Model,
        Method = spec.Method,
        RunDirectory = spec.SaveName is null ? null : spec.Directory,
        Train = SplitPlan.Of(data, Data.DataSplit.Train, data.Train),
        Validation = Split(data, Data.DataSplit.Validation, isEncoded: true),
        Test = Split(data, Data.DataSplit.Test, spec.Test),
        ScoresTest = spec.Test && data.Splits.Test is not null,
        ReadExample = new Lazy<PlannedExample>(() => PlannedExample.Of(data)),
        Answers = data.Answers.LabelIds is { } ids ? [.. data.Answers.Outcomes.Zip(ids, (name, ofName) => new PlannedAnswer(name, ofName))] : null,
        TrainedParameters = ParameterPlan.Of(trained),
        Steps = StepPlan.Of(spec, data),
        Disk = disk,
        Notes = data.StartNotes(data.Encode(Data.DataSplit.Validation), spec.Test ? data.Encode(Data.DataSplit.Test) : null),
        Warnings = warnings,
    };

    private static SplitPlan? Split(RunData data, Data.DataSplit split, bool isEncoded) =>
        data.Splits.Origins.ContainsKey(split) ? SplitPlan.Of(data, split, isEncoded ? data.Encode(split) : null) : null;
}

/// <summary>One possible answer.</summary>
/// <param name="Answer">The word, or the ids as text for rows of token ids.</param>
/// <param name="Ids">Its token ids, including eos.</param>
internal sealed record PlannedAnswer(string Answer, int[] Ids);

/// <summary>A row as the model sees it.</summary>
/// <param name="Index">Its index in its file, from 0.</param>
/// <param name="Text">The text before it is cut; null for rows of token ids.</param>
/// <param name="Target">The text to produce; null for rows of token ids.</param>
/// <param name="InputIds">The ids of the text, after it was cut, including eos.</param>
/// <param name="TargetIds">The ids of the target, including eos.</param>
internal sealed record PlannedExample(int Index, string? Text, string? Target, int[] InputIds, int[] TargetIds)
{
    internal static PlannedExample Of(RunData data)
    {
        var (row, ids) = (data.Train.Rows[0], data.Train.Examples[0]);
        var read = data.Task is null || Batching.ExampleEncoder.BringsIds(row) ? null : data.Task.Read(row);
        return new PlannedExample(row.Index, read?.Text, read?.TargetText, ids.InputIds, ids.TargetIds!);
    }
}

/// <summary>Numbers of trained parameters.</summary>
/// <param name="Prompt">Of the prompt's rows.</param>
/// <param name="Network">Of the network that computes the prompt.</param>
/// <param name="Weights">Of the T5's weights.</param>
internal sealed record ParameterPlan(long Prompt, long Network, long Weights)
{
    /// <summary>All together.</summary>
    [JsonPropertyOrder(-1)]
    public long Total => Prompt + Network + Weights;

    internal static ParameterPlan Of(TrainedParts trained)
    {
        var ofPrompt = trained.Prompt?.Parameters ?? new Dictionary<string, TorchSharp.torch.Tensor>();
        var rows = ofPrompt.TryGetValue(Prompts.SoftPrompt.RowsName, out var tensor) ? tensor.numel() : 0;
        var all = trained.Parameters.Values.Sum(parameter => parameter.numel());
        var prompt = ofPrompt.Values.Sum(parameter => parameter.numel());
        return new ParameterPlan(rows, prompt - rows, all - prompt);
    }
}

/// <summary>Steps and evaluations of a run that patience does not end earlier.</summary>
/// <param name="PerEpoch">Optimizer updates of one epoch.</param>
/// <param name="Epochs">Begun passes over the training rows.</param>
/// <param name="Total">All optimizer updates.</param>
/// <param name="Evaluations">Evaluations of the validation rows during training; the released state is scored once more.</param>
/// <param name="Patience">Evaluations without improvement that end the run earlier; null = it never ends earlier.</param>
internal sealed record StepPlan(int PerEpoch, int Epochs, long Total, int Evaluations, int? Patience)
{
    internal static StepPlan Of(RunSpec spec, RunData data)
    {
        var length = RunLength.Of(spec, data.Train.Rows.Count);
        var evaluations = data.Splits.Validation is null ? 0 : (length.LastStep + length.EvaluateEvery - 1) / length.EvaluateEvery;
        return new StepPlan(length.StepsPerEpoch, length.EpochCount, length.LastStep, checked((int)evaluations), spec.Patience);
    }
}

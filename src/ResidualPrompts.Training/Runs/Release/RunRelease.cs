using System.Diagnostics;
using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Prompts;
using ResidualPrompts.Runs.Baselines;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Runs.Release;

/// <summary>What happens after the last step: the released state is scored and written, and the record says that the run is finished.</summary>
/// <param name="spec">The settings.</param>
/// <param name="directory">The run directory; null for a run in memory.</param>
/// <param name="backbone">The model.</param>
/// <param name="data">The data.</param>
/// <param name="validation">The validation rows; null without any.</param>
/// <param name="test">The test rows; null where they are not scored.</param>
/// <param name="notes">Notes for the user, to which this adds.</param>
/// <param name="stop">Stops the scoring.</param>
internal sealed class RunRelease(
    RunSpec spec, RunDirectory? directory, Backbone backbone, RunData data, EncodedSplit? validation, EncodedSplit? test,
    List<string> notes, CancellationToken stop)
{
    /// <summary>Called before a split is scored.</summary>
    internal Action<DataSplit>? OnEvaluating { get; init; }

    /// <summary>Called before files are written that others may rely on. Its exceptions end the run.</summary>
    internal Action? OnWriting { get; init; }

    /// <summary>Called with the score on the test split.</summary>
    internal Action<EvaluationCompleted>? OnScored { get; init; }

    /// <summary>Writes the release and its predictions; a resumed run repeats all of it after a kill.</summary>
    /// <param name="record">The record of the running run.</param>
    /// <param name="trained">The trained parts; they get the released values.</param>
    /// <param name="state">The position at the end.</param>
    /// <param name="history">Where the prompt started; null without a prompt.</param>
    /// <param name="cardUsage">The Markdown on use for the adapter's card; null = nothing.</param>
    /// <param name="start">The timestamp of the session's start.</param>
    internal CompletedRun Write(
        RunRecord record, TrainedParts trained, TrainingState state, PromptHistory? history, Func<PromptContract, string>? cardUsage, long start)
    {
        var releasesBest = spec.Release == ReleasedState.Best && state.Best is not null;
        using var last = releasesBest ? null : trained.Release();
        var released = last ?? state.Best!;
        var prompt = trained.Restore(released);
        try
        {
            var scorer = new PromptScorer(backbone.Model, prompt);
            var onValidation = validation is null ? null : ScoreSplit(scorer, DataSplit.Validation, validation);
            var onTest = test is null ? null : ScoreTest(scorer, state, test); // a run of an earlier version may have no test split
            OnWriting?.Invoke();
            if (directory is not null && trained.TrainsWeights)
                WriteModel(directory.Model);
            var result = new RunResult(
                state.Step, state.CompletedEpochs, releasesBest ? "best" : "last", releasesBest ? state.BestEpoch : state.Epoch,
                trained.ParameterCount, onValidation, onTest, Stopwatch.GetElapsedTime(start).TotalSeconds)
            {
                ReleasedStep = releasesBest ? state.BestStep : state.Step,
                BestEpoch = state.BestEpoch > 0 ? state.BestEpoch : null,
                BestStep = state.BestStep > 0 ? state.BestStep : null,
                Baselines = onTest is null ? null : TestBaselines.Of(data.Placed, backbone, data, BaselineCache.OfUser, stop),
            };
            OnWriting?.Invoke(); // the baselines may have taken long
            if (directory is not null && prompt is not null)
            {
                WritePrompt(directory, prompt, history!, released);
                ReleasedAdapter.Write(directory, prompt, record, data, backbone, result, cardUsage);
            }
            var finished = record.End(RunStatus.Finished) with
            {
                Result = result,
                Files = directory is null ? null : ReleasedFiles.Digests(directory),
            };
            if (directory is not null)
            {
                finished.Write(directory);
                if (!spec.KeepsCheckpoint)
                    directory.DropCheckpoint();
                return new CompletedRun(directory, result, notes, data.RowsDigest is null ? null : data.Task);
            }

            var kept = new CompletedRun.KeptRun(finished, data.Task!, backbone, prompt);
            prompt = null; // the run owns it now
            return new CompletedRun(null, result, notes, data.Task, kept);
        }
        finally
        {
            prompt?.Dispose();
        }
    }

    private void WriteModel(string folder)
    {
        using var scope = NewDisposeScope();
        T5Folder.Write(folder, backbone.Model, backbone.Folder);
    }

    private static void WritePrompt(RunDirectory directory, PlainPrompt prompt, PromptHistory history, TrainedSnapshot released)
    {
        using var scope = NewDisposeScope();
        NpyFile.Write(directory.Prompt, prompt.Forward().detach());
        history.Write(directory, released.Tensors.GetValueOrDefault(SoftPrompt.RawRowsName));
    }

    private SplitResult? ScoreTest(PromptScorer scorer, TrainingState state, EncodedSplit test)
    {
        var start = Stopwatch.GetTimestamp();
        var result = ScoreSplit(scorer, DataSplit.Test, test);
        if (result.N > 0 && result.N < test.Rows.Count)
            notes.Add($"Only {result.N} of {test.Rows.Count} test rows have a label that counts: the others are predicted, not scored.");
        if (result.N == 0)
            return null; // said before the first step
        OnScored?.Invoke(result.ToEvent("test", state, Stopwatch.GetElapsedTime(start)));
        return result;
    }

    private SplitResult ScoreSplit(PromptScorer scorer, DataSplit split, EncodedSplit rows)
    {
        OnEvaluating?.Invoke(split);
        var evaluator = data.MakeEvaluator();
        var predictions = evaluator.Predict(scorer, rows, stop).ToList();
        if (directory is not null)
            PredictionJson.Write(directory.Predictions(split.Name()), predictions, rows.Rows);
        return SplitResult.Of(evaluator.Report(predictions));
    }
}

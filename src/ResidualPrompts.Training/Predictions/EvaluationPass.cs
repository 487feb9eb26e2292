using System.Runtime.ExceptionServices;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Runs;
using ResidualPrompts.Scoring;

namespace ResidualPrompts.Predictions;

/// <summary>
/// Evaluates open runs in one pass over their rows. Runs with equal rows share them, and every batch is scored under each run's prompt before the
/// next one is put together. Each forward pass is the one that a run makes alone, so figures and predictions are the same bits. A run that fails
/// takes no other with it. The predictions of all runs are in memory at once, about 200 bytes for each row of each run.
/// </summary>
internal sealed class EvaluationPass
{
    private readonly TrainedRun _run;
    private readonly ScoredRows? _rows;
    private readonly List<Prediction> _predictions = [];
    private InputException? _failure;

    private EvaluationPass(TrainedRun run, EvaluationRows asked, SharedRows shared)
    {
        _run = run;
        try
        {
            _rows = run.RowsOf(asked, shared);
        }
        catch (InputException e)
        {
            _failure = e;
        }
    }

    /// <summary>The predictions in the order of the rows; those before the failure of a run that failed.</summary>
    internal IReadOnlyList<Prediction> Predictions => _predictions;

    /// <summary>Scores runs.</summary>
    /// <param name="runs">The runs, all open at once. Runs that were opened as one from others of them are scored with these.</param>
    /// <param name="asked">The rows.</param>
    /// <param name="shared">Rows that were read before; null = none.</param>
    /// <returns>The evaluation of each run, in order.</returns>
    internal static IReadOnlyList<EvaluationPass> Score(IReadOnlyList<TrainedRun> runs, EvaluationRows asked, SharedRows? shared = null)
    {
        shared ??= new SharedRows();
        EvaluationPass[] all = [.. runs.Select(run => new EvaluationPass(run, asked, shared))];
        foreach (var alike in all.Where(one => one._failure is null).GroupBy(one => one._rows!))
            Score(alike.Key, [.. alike]);
        return all;
    }

    /// <summary>The metrics of the run's predictions, which are written to a file if one is given.</summary>
    /// <param name="file">The file, which is replaced; null = none.</param>
    /// <exception cref="InputException">The run failed.</exception>
    internal SplitResult Result(string? file = null)
    {
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        return SplitResult.Of(_rows!.Evaluator, _predictions, file is null ? null : (file, _rows.Rows.Rows), withIntervals: true);
    }

    private static void Score(ScoredRows rows, IReadOnlyList<EvaluationPass> runs)
    {
        foreach (var window in Enumerable.Range(0, rows.Rows.Examples.Count).Chunk(PromptScorer.WindowSize))
        {
            EvaluationPass[] left = [.. runs.Where(run => run._failure is null)];
            RunMember[] members = [.. left.SelectMany(run => run._run.Members).Distinct()];
            var scored = PromptScorer.ScoreEach(
                [.. members.Select(member => member.Scorer)], [.. window.Select(row => rows.Rows.Examples[row])], rows.Evaluator.Request,
                CancellationToken.None);
            foreach (var run in left)
                run.Take(window, [.. run._run.Members.Select(member => scored[Array.IndexOf(members, member)])]);
        }
    }

    private void Take(int[] window, IReadOnlyList<ScoredExample[]> scored)
    {
        try
        {
            foreach (var (row, result) in window.Zip(EnsembleScorer.Combine(scored)))
                _predictions.Add(_rows!.Evaluator.ToPrediction(_rows.Rows, row, result));
        }
        catch (InputException e)
        {
            _failure = e;
        }
    }
}

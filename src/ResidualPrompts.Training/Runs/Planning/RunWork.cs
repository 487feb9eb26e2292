using ResidualPrompts.Batching;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Planning;

/// <summary>The steps of a run and the batches of its evaluations by their tokens, so that the few that are measured stand for all.</summary>
internal static class RunWork
{
    /// <summary>Rows whose order is looked at for the largest step; more epochs than that hardly make a larger one.</summary>
    private const long MostRows = 5_000_000;

    private const int WindowSize = 1024; // as the scorer sorts rows by length

    /// <summary>The examples of the run's largest forward pass: by its tokens, and by the squares of its lengths, which attention needs.</summary>
    /// <param name="settings">The loop's settings.</param>
    /// <param name="examples">The training rows.</param>
    /// <param name="virtualTokens">Virtual tokens of each.</param>
    internal static IReadOnlyList<int[]> LargestBatches(TrainingSettings settings, IReadOnlyList<EncodedExample> examples, int virtualTokens)
    {
        var (byTokens, bySquares) = ((Size: -1.0, Batch: Array.Empty<int>()), (Size: -1.0, Batch: Array.Empty<int>()));
        var lengths = examples.Select(example => (double)example.InputIds.Length + virtualTokens).ToArray();
        var epochs = (int)Math.Clamp(MostRows / examples.Count, 1, settings.Shuffle ? settings.EpochCount : 1);
        foreach (var batch in Enumerable.Range(1, epochs).SelectMany(epoch => Trainer.StepsOf(settings, examples.Count, epoch))
            .Take((int)Math.Min(settings.LastStep(examples.Count), int.MaxValue)).SelectMany(step => step.Chunk(settings.BatchSize)))
        {
            var (tokens, squares) = (batch.Sum(i => lengths[i]), batch.Sum(i => lengths[i] * lengths[i]));
            if (tokens > byTokens.Size)
                byTokens = (tokens, batch);
            if (squares > bySquares.Size)
                bySquares = (squares, batch);
        }

        return byTokens.Batch.SequenceEqual(bySquares.Batch) ? [byTokens.Batch] : [byTokens.Batch, bySquares.Batch];
    }

    /// <summary>Steps of the first epoch in an order in which any number of first ones has long and short ones like the epoch.</summary>
    internal static IEnumerable<int[]> TypicalSteps(TrainingSettings settings, IReadOnlyList<EncodedExample> examples)
    {
        int[][] all = [.. Trainer.StepsOf(settings, examples.Count, 1)];
        int[][] whole = [.. all.Where(step => step.Length == all[0].Length)];
        return Spread([.. whole.OrderBy(step => step.Sum(i => examples[i].InputIds.Length))]);
    }

    /// <summary>The batches in which a split is scored, as <see cref="Scoring.PromptScorer"/> makes them; the longest comes first.</summary>
    internal static IReadOnlyList<int[]> ScoringBatches(IReadOnlyList<EncodedExample> examples, int virtualTokens) =>
    [
        .. Enumerable.Range(0, examples.Count).Chunk(WindowSize).SelectMany(window => new TokenBudget()
                .Group([.. window.Select(i => examples[i].InputIds.Length + virtualTokens)]).Select(group => group.Select(i => window[i]).ToArray()))
            .OrderByDescending(group => group.Sum(i => examples[i].InputIds.Length + virtualTokens)),
    ];

    /// <summary>
    /// Sorted items in an order that is spread over them from the start: the middle, then the quarters, then the eighths, and so on.
    /// </summary>
    internal static IEnumerable<T> Spread<T>(IReadOnlyList<T> sorted)
    {
        var given = new bool[sorted.Count];
        for (long parts = 2, left = sorted.Count; left > 0; parts *= 2)
        {
            for (var part = 1L; part < parts; part += 2)
            {
                var index = (int)(part * sorted.Count / parts);
                if (given[index])
                    continue;
                given[index] = true;
                left--;
                yield return sorted[index];
            }
        }
    }
}

using System.Globalization;
using ResidualPrompts.Data;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Rendering.Progress;

/// <summary>
/// The lines that a run leaves, on a terminal and in a pipe: one per finished epoch, with the evaluation at its end; one per other evaluation,
/// warning, and early end.
/// </summary>
/// <param name="epochCount">Epochs of the whole run.</param>
internal sealed class TrainingText(int epochCount)
{
    private EvaluationCompleted? _held;

    /// <summary>The metric that was measured last.</summary>
    internal string Metric { get; private set; } = "";

    /// <summary>The lines that an event completes.</summary>
    internal IEnumerable<string[]> Of(TrainingEvent happened)
    {
        if (happened is EvaluationCompleted evaluation)
        {
            Metric = FirstMetric(evaluation);
            foreach (var line in Rest())
                yield return line;
            _held = evaluation; // the end of the epoch may follow, whose line it belongs to
            if (!evaluation.IsValidation)
            {
                foreach (var line in Rest())
                    yield return line;
            }
        }
        else if (happened is EpochCompleted epoch)
        {
            string[] ofEvaluation = _held is { } held ? Parts(held) : [];
            _held = null;
            yield return [$"epoch {epoch.Epoch}/{epochCount}", $"loss {Number(epoch.MeanLoss)}", .. ofEvaluation, $"step {epoch.Step}"];
        }
        else if (happened is WarningRaised warning)
        {
            yield return [RunNotes.Text(warning)];
        }
        else if (happened is PatienceExhausted patience)
        {
            yield return [$"stopping: no improvement in {patience.EvaluationCount} evaluations"];
        }
        else
        {
            foreach (var line in Rest())
                yield return line;
        }
    }

    /// <summary>An evaluation that no end of an epoch followed.</summary>
    internal IEnumerable<string[]> Rest()
    {
        if (_held is not { } held)
            yield break;
        _held = null;
        yield return held.IsValidation ? [$"step {held.Step}", .. Parts(held)] : [$"{held.Split} split", .. Parts(held)];
    }

    /// <summary>What is being done while a split is evaluated.</summary>
    internal static string Of(DataSplit split) =>
        split == DataSplit.Validation ? "validating" : $"scoring the {split.Name()} split";

    /// <summary>The parts of a line that fit into a width, in their order; at least the first.</summary>
    internal static string Fit(IEnumerable<string> parts, int width)
    {
        var text = "";
        foreach (var part in parts.Where(part => part.Length > 0))
        {
            if (text.Length > 0 && text.Length + 2 + part.Length > width)
                break;
            text += (text.Length > 0 ? "  " : "") + part;
        }

        return text;
    }

    internal static string Number(double loss) => loss.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string FirstMetric(EvaluationCompleted evaluation) => RunReport.Percent(evaluation.Metrics.Take(1).ToDictionary());

    private static string[] Parts(EvaluationCompleted evaluation) =>
    [
        FirstMetric(evaluation), evaluation.IsBest ? "best" : "", evaluation.InvalidCount > 0 ? $"{evaluation.InvalidCount} invalid" : "",
        .. evaluation.Metrics.Skip(1).Select(metric => RunReport.Percent(new Dictionary<string, double?> { [metric.Key] = metric.Value })),
    ];
}

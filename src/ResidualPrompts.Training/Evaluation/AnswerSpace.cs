using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Evaluation;

/// <summary>
/// The possible answers and how an answer is judged. Answers are a task's label words, candidates that differ by row, open text, or, for rows
/// of token ids, the distinct targets of all rows.
/// </summary>
/// <param name="Outcomes">The possible predictions, in label order; empty when answers differ by row or are open.</param>
/// <param name="LabelIds">Token ids of each outcome, or null when they are not scored.</param>
/// <param name="Kind">How answers are found.</param>
/// <param name="MaxNewTokens">Maximum number of tokens of a generated answer.</param>
/// <param name="Judge">Maps generated text to an outcome, or to null when it fits none.</param>
/// <param name="Metrics">The metrics of the predictions.</param>
internal sealed record AnswerSpace(
    IReadOnlyList<string> Outcomes, IReadOnlyList<int[]>? LabelIds, EvaluationMode Kind, int MaxNewTokens,
    Func<TaskExample, string, string?> Judge, TaskMetrics Metrics)
{
    private const int MaxScoredTargets = 64;

    /// <summary>The answers of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="encoder">Encodes label words.</param>
    /// <param name="kind">How answers are found, or null for the task's default.</param>
    /// <param name="longestTarget">Tokens of the longest target in training; a generated answer may have one more.</param>
    /// <exception cref="TaskException">
    /// Two label words have the same tokens, label scores are requested for open answers, or a metric is unknown.
    /// </exception>
    public static AnswerSpace Of(TaskDefinition task, ExampleEncoder encoder, EvaluationMode? kind, int longestTarget)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(encoder);
        if (kind == EvaluationMode.Labels && task.LabelWords is null && task.Candidates is null)
            throw TaskException.OpenAnswers(task.Name);
        var words = task.LabelWords?.Words;
        var labels = words?.Select(encoder.Label).ToArray();
        for (var i = 0; i < labels?.Length; i++)
        {
            var twin = Array.FindIndex(labels, 0, i, other => other.AsSpan().SequenceEqual(labels[i]));
            if (twin >= 0)
                throw TaskException.EqualLabels(words![twin], words[i]);
        }

        var mostTokens = task.MaxTargetTokens is { } most ? most - 1 : longestTarget + 1;
        return Of(task, labels, kind ?? task.Evaluation, mostTokens);
    }

    /// <summary>The distinct targets of rows of token ids; the ids name the outcome, such as <c>"121 1"</c>.</summary>
    /// <param name="rows">The rows of all splits.</param>
    /// <param name="kind">How answers are found, or null for label scores when there are few targets.</param>
    public static AnswerSpace OfIds(IReadOnlyList<Example> rows, EvaluationMode? kind)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var targets = rows.Where(row => row.Has(ExampleEncoder.TargetField)).Select(row => row.Ids(ExampleEncoder.TargetField))
            .DistinctBy(Name).OrderBy(Name, StringComparer.Ordinal).ToArray();
        var mode = kind ?? (targets.Length <= MaxScoredTargets ? EvaluationMode.Labels : EvaluationMode.Generate);
        return OfIds([.. targets.Select(Name)], targets, mode, targets.Max(target => target.Length) + 1);
    }

    internal static AnswerSpace OfIds(IReadOnlyList<string> outcomes, IReadOnlyList<int[]>? labels, EvaluationMode kind, int maxNewTokens)
    {
        var names = outcomes.ToHashSet();
        return new AnswerSpace(
            outcomes, labels, kind, maxNewTokens, (_, answer) => names.Contains(answer) ? answer : null, TaskMetrics.OfOutcomes(outcomes));
    }

    internal static AnswerSpace Of(TaskDefinition task, IReadOnlyList<int[]>? labels, EvaluationMode kind, int maxNewTokens) => new(
        task.Outcomes, labels, kind, maxNewTokens, task.Judge, TaskMetrics.Of(task));

    /// <summary>The outcome whose tokens were generated, whatever their text; null when it is none.</summary>
    internal string? OutcomeOf(int[] generated)
    {
        int[] words = [.. WithoutEnds(generated)];
        for (var i = 0; i < LabelIds?.Count; i++)
        {
            if (WithoutEnds(LabelIds[i]).SequenceEqual(words))
                return Outcomes[i];
        }

        return null;

        static IEnumerable<int> WithoutEnds(int[] ids) => ids.Where(id => id is not (T5Tokenizer.PadId or T5Tokenizer.EosId));
    }

    /// <summary>The name of token ids as an outcome.</summary>
    internal static string Name(int[] ids) => ExampleEncoder.NameOf(ids);
}

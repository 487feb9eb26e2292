using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Evaluation;

/// <summary>
/// What can be answered and how an answer is judged: a task's label words or open answers, or, where rows bring ids, the distinct
/// targets of all rows.
/// </summary>
/// <param name="Outcomes">What a prediction can be, in label order.</param>
/// <param name="LabelIds">Token ids of each outcome, or null when answers are open.</param>
/// <param name="Kind">How answers are found.</param>
/// <param name="MaxNewTokens">Most tokens of a generated answer.</param>
/// <param name="Reference">The right outcome of a row, or null when it has no label.</param>
/// <param name="Judge">The outcome that generated text means, or null.</param>
public sealed record AnswerSpace(
    IReadOnlyList<string> Outcomes, IReadOnlyList<int[]>? LabelIds, EvaluationMode Kind, int MaxNewTokens,
    Func<Example, string?> Reference, Func<Example, string, string?> Judge)
{
    private const int MostScoredTargets = 64;

    /// <summary>The answers of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="encoder">Encodes label words.</param>
    /// <param name="kind">How answers are found, or null for the task's default.</param>
    /// <param name="longestTarget">Tokens of the longest target in training; a generated answer has room for one more.</param>
    /// <exception cref="TaskException">Two label words are the same tokens, or open answers are to be scored.</exception>
    public static AnswerSpace Of(TaskDefinition task, ExampleEncoder encoder, EvaluationMode? kind, int longestTarget)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(encoder);
        if (kind == EvaluationMode.Labels && task.LabelWords is null)
            throw TaskException.OpenAnswers(task.Name);
        var words = task.Labels?.Words ?? throw TaskException.NoLabels(task.Name);
        var labels = task.LabelWords?.Words.Select(encoder.Label).ToArray();
        for (var i = 0; i < labels?.Length; i++)
        {
            var twin = Array.FindIndex(labels, 0, i, other => other.AsSpan().SequenceEqual(labels[i]));
            if (twin >= 0)
                throw TaskException.EqualLabels(words[twin], words[i]);
        }

        return new AnswerSpace(words, labels, kind ?? task.Evaluation, longestTarget + 1, row => task.Read(row).Reference, (row, answer) => task.Judge(task.Read(row), answer));
    }

    /// <summary>The distinct targets of rows that bring ids; an outcome is called by its ids, <c>"121 1"</c>.</summary>
    /// <param name="rows">The rows of all splits.</param>
    /// <param name="kind">How answers are found, or null for label scores where the targets are few.</param>
    public static AnswerSpace OfIds(IReadOnlyList<Example> rows, EvaluationMode? kind)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var targets = rows.Where(row => row.Has(ExampleEncoder.TargetField)).Select(row => row.Ids(ExampleEncoder.TargetField)).DistinctBy(Name).OrderBy(Name, StringComparer.Ordinal).ToArray();
        var names = targets.Select(Name).ToHashSet();
        return new AnswerSpace(
            [.. targets.Select(Name)],
            targets,
            kind ?? (targets.Length <= MostScoredTargets ? EvaluationMode.Labels : EvaluationMode.Generate),
            targets.Max(target => target.Length) + 1,
            row => row.Has(ExampleEncoder.TargetField) ? Name(row.Ids(ExampleEncoder.TargetField)) : null,
            (_, answer) => names.Contains(answer) ? answer : null);
    }

    /// <summary>How ids are called as an outcome.</summary>
    internal static string Name(int[] ids) => string.Join(' ', ids);
}

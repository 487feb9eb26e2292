using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Runs.Planning;

/// <summary>The rows of one split.</summary>
/// <param name="Rows">Rows that are used.</param>
/// <param name="Classes">Rows of each class, in label order; empty without classes.</param>
/// <param name="UnlabeledRows">Rows without an answer.</param>
/// <param name="Origin">Own: rows of the source. Held out: of the training rows. Half: of the source.</param>
/// <param name="Source">The split whose rows they are.</param>
/// <param name="SourceRows">All rows of that split, before any were selected.</param>
/// <param name="Files">The files of that split; none for rows in memory.</param>
/// <param name="Texts">Lengths and cuts of the texts; null for test rows that will not be scored.</param>
internal sealed record SplitPlan(
    int Rows, IReadOnlyDictionary<string, int> Classes, int UnlabeledRows, SplitOriginKind Origin, DataSplit Source, int SourceRows,
    IReadOnlyList<string> Files, TextPlan? Texts)
{
    internal static SplitPlan Of(RunData data, DataSplit split, EncodedSplit? encoded)
    {
        var rows = split switch
        {
            DataSplit.Train => data.Splits.Train,
            DataSplit.Validation => data.Splits.Validation!,
            _ => data.Splits.Test!,
        };
        var counts = rows.Select(data.ClassOf).OfType<string>().CountBy(name => name).ToDictionary();
        var classes = new OrderedDictionary<string, int>();
        foreach (var name in data.Answers.Outcomes.Where(counts.ContainsKey).Concat(counts.Keys.Order(StringComparer.Ordinal)))
            classes.TryAdd(name, counts[name]);
        var origin = data.Splits.Origins[split];
        var unlabeled = classes.Count > 0 || data.Task?.Labels is not null ? rows.Count - counts.Values.Sum() : UnlabeledIn(data, rows);
        return new SplitPlan(
            rows.Count, classes, unlabeled, origin.Kind, origin.Source, origin.SourceCount, data.FilesOf(origin.Source),
            encoded is null ? null : TextPlan.Of(encoded, data.Task is not null));
    }

    private static int UnlabeledIn(RunData data, IReadOnlyList<Example> rows) => rows.Count(row => data.Task is null
        ? !row.Has(ExampleEncoder.TargetField)
        : data.Task.ReadAnswer(row) is { Reference: null, Answers: null });
}

/// <summary>Lengths and cuts of a split's texts.</summary>
/// <param name="Cut">Texts that were too long and are cut.</param>
/// <param name="CutShare">Their share of all texts.</param>
/// <param name="LongestTokens">Tokens of the longest text after the cut, without the prompt's.</param>
/// <param name="MeanTokens">Mean of the tokens of a text after the cut, without the prompt's.</param>
/// <param name="Pieces">Pieces of all texts, without eos; null for rows of token ids.</param>
/// <param name="UnknownPieces">Pieces that the vocabulary does not have; null for rows of token ids.</param>
/// <param name="UnknownShare">Their share of all pieces; null for rows of token ids.</param>
internal sealed record TextPlan(
    int Cut, double CutShare, int LongestTokens, double MeanTokens, long? Pieces, long? UnknownPieces, double? UnknownShare)
{
    internal static TextPlan Of(EncodedSplit split, bool hasTexts)
    {
        var inputs = split.Examples.Select(example => example.InputIds).ToArray();
        long pieces = 0, unknown = 0;
        foreach (var ids in inputs)
        {
            pieces += ids.Length - ids.AsSpan().Count(T5Tokenizer.EosId);
            unknown += ids.AsSpan().Count(T5Tokenizer.UnknownId);
        }

        return new TextPlan(
            split.CutCount, (double)split.CutCount / inputs.Length, inputs.Max(ids => ids.Length), inputs.Average(ids => ids.Length),
            hasTexts ? pieces : null, hasTexts ? unknown : null, hasTexts ? (double)unknown / Math.Max(1, pieces) : null);
    }
}

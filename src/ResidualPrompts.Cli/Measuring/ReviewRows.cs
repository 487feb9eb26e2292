using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>A training file of any size. Each row joins several bundled reviews and has the label of the first.</summary>
internal static class ReviewRows
{
    /// <summary>Reviews per row, which make about 130 tokens.</summary>
    private const int ReviewsOfRow = 4;

    private const string TextField = "text", LabelField = "label";

    /// <summary>Settings of a run that trains on the file.</summary>
    internal static RunSpec Spec(string file) =>
        new() { Data = file, Template = $"{{{TextField}}}", LabelWords = "0=negative,1=positive", ValidationFraction = 0 };

    /// <summary>The texts of the rows.</summary>
    internal static IEnumerable<string> Texts(int count)
    {
        var reviews = Reviews();
        return Enumerable.Range(0, count).Select(
            i => string.Join(" ", Enumerable.Range(0, ReviewsOfRow).Select(part => reviews[Index(i, part, reviews.Count)].Text(TextField))));
    }

    /// <summary>Writes rows as JSON Lines.</summary>
    /// <param name="file">The file.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="mark">Prefix of every text, which prevents cache hits.</param>
    internal static void Write(string file, int count, string mark = "")
    {
        var reviews = Reviews();
        using var writer = new StreamWriter(file);
        foreach (var (i, text) in Texts(count).Index())
            writer.WriteLine(
                new JsonObject { [TextField] = mark + text, [LabelField] = reviews[Index(i, 0, reviews.Count)].Value(LabelField) }.ToJsonString());
    }

    private static int Index(int row, int part, int count) => ((row * ReviewsOfRow) + part) % count;

    private static IReadOnlyList<Example> Reviews() => DataSource.Open(BundledDataSets.Locate("rotten-tomatoes")).Read(DataSplit.Train);
}

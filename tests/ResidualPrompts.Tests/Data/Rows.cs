using System.Text;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;

namespace ResidualPrompts.Tests.Data;

/// <summary>Rows from text, as if it were a file.</summary>
internal static class Rows
{
    public static IEnumerable<TextLine> Lines(string text) => TextLines.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "file");

    public static List<Example> Json(params string[] rows) => [.. JsonLines.Read(Lines(string.Join('\n', rows)), "file")];

    public static List<Example> Csv(string text) => [.. CsvRows.Read(Lines(text), "file")];

    public static List<Example> Tsv(string text) => [.. TsvRows.Read(Lines(text), "file")];

    /// <summary>Rows of classes 0, 1, …, as many of each as it says, one class after the other.</summary>
    public static List<Example> OfClasses(params int[] sizes) =>
        Json([.. sizes.SelectMany((size, label) => Enumerable.Repeat($$"""{"text":"t","label":{{label}}}""", size))]);

    public static string ClassOf(Example example) => example.Value("label");

    public static int[] Indices(IEnumerable<Example> rows) => [.. rows.Select(row => row.Index)];
}

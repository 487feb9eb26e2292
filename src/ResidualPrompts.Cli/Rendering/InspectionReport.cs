using System.Globalization;
using System.Text.Json;
using ResidualPrompts.Inspection;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>The results of <c>inspect</c> for one prompt.</summary>
/// <param name="Path">The run, adapter or file that the prompt was read from.</param>
/// <param name="Rows">The released rows.</param>
/// <param name="Raw">The rows before the network, or null.</param>
internal sealed record InspectedRows(string Path, IReadOnlyList<InspectedRow> Rows, IReadOnlyList<InspectedRow>? Raw);

/// <summary>Prints the results of <c>inspect</c> as tables or as one JSON object.</summary>
internal static class InspectionReport
{
    internal static void Print(VocabularyLengths vocabulary, IReadOnlyList<InspectedRows> prompts, double[,] ofMeans)
    {
        PrintVocabulary(vocabulary);
        foreach (var prompt in prompts)
        {
            Console.WriteLine($"\n{prompt.Path}");
            PrintRows(prompt.Rows, vocabulary);
            if (prompt.Raw is null)
                continue;
            Console.WriteLine($"{prompt.Path}, rows before the network");
            PrintRows(prompt.Raw, vocabulary);
        }

        if (prompts.Count > 1)
            PrintSimilarity(prompts, ofMeans);
    }

    internal static void PrintJson(VocabularyLengths vocabulary, IReadOnlyList<InspectedRows> prompts, double[,] ofMeans, double[,] ofPairs)
    {
        JsonLineWriter.Run(writer => writer.Write(json =>
        {
            WriteVocabulary(json, vocabulary);
            json.WriteStartArray("prompts");
            foreach (var prompt in prompts)
            {
                json.WriteStartObject();
                json.WriteString("prompt", prompt.Path);
                WriteRows(json, "rows", prompt.Rows);
                if (prompt.Raw is null)
                    json.WriteNull("raw_rows");
                else
                    WriteRows(json, "raw_rows", prompt.Raw);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("similarity");
            WriteMatrix(json, "cosine_of_means", ofMeans);
            WriteMatrix(json, "mean_cosine_of_rows", ofPairs);
            json.WriteEndObject();
        }));
    }

    internal static void PrintVocabulary(VocabularyLengths vocabulary)
    {
        Console.WriteLine(
            $"vocabulary: {vocabulary.PieceCount} pieces, length {Number(vocabulary.Mean)} on average, "
                + $"{Number(vocabulary.Smallest)} to {Number(vocabulary.Largest)}");
        Console.WriteLine($"embeddings: standard deviation {Number(vocabulary.Deviation)}; a learning rate is large or small beside this number");
    }

    internal static void WriteVocabulary(Utf8JsonWriter json, VocabularyLengths vocabulary)
    {
        json.WriteStartObject("vocabulary");
        json.WriteNumber("piece_count", vocabulary.PieceCount);
        json.WriteNumber("mean_length", vocabulary.Mean);
        json.WriteNumber("smallest_length", vocabulary.Smallest);
        json.WriteNumber("largest_length", vocabulary.Largest);
        json.WriteNumber("embedding_deviation", vocabulary.Deviation);
        json.WriteEndObject();
    }

    private static void PrintRows(IReadOnlyList<InspectedRow> rows, VocabularyLengths vocabulary)
    {
        var table = new List<IReadOnlyList<string>>
        {
            (string[])["row", "length", "of the vocabulary's", "moved", "cosine with start", "nearest by cosine", "nearest by distance"],
        };
        foreach (var (i, row) in rows.Index())
        {
            table.Add([
                $"{i}", Number(row.Length), $"{Number(row.Length / vocabulary.Mean)} ×", row.Moved is { } moved ? Number(moved) : "-",
                row.CosineWithStart is { } cosine ? Number(cosine) : "-", Pieces(row.NearestByCosine), Pieces(row.NearestByDistance)]);
        }

        TextTable.Print(table);
    }

    private static void PrintSimilarity(IReadOnlyList<InspectedRows> prompts, double[,] ofMeans)
    {
        Console.WriteLine("cosine of the mean rows");
        var table = new List<IReadOnlyList<string>> { (string[])["", .. prompts.Select(prompt => prompt.Path)] };
        for (var i = 0; i < prompts.Count; i++)
            table.Add([prompts[i].Path, .. Enumerable.Range(0, prompts.Count).Select(j => Number(ofMeans[i, j]))]);
        TextTable.Print(table);
    }

    private static void WriteRows(Utf8JsonWriter json, string name, IReadOnlyList<InspectedRow> rows)
    {
        json.WriteStartArray(name);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteNumber("length", row.Length);
            WriteOptional(json, "moved", row.Moved);
            WriteOptional(json, "cosine_with_start", row.CosineWithStart);
            WritePieces(json, "nearest_by_cosine", "cosine", row.NearestByCosine);
            WritePieces(json, "nearest_by_distance", "distance", row.NearestByDistance);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WritePieces(Utf8JsonWriter json, string name, string valueName, IReadOnlyList<NearPiece> pieces)
    {
        json.WriteStartArray(name);
        foreach (var piece in pieces)
        {
            json.WriteStartObject();
            json.WriteNumber("id", piece.Id);
            json.WriteString("piece", piece.Piece);
            json.WriteNumber(valueName, piece.Value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMatrix(Utf8JsonWriter json, string name, double[,] matrix)
    {
        json.WriteStartArray(name);
        for (var i = 0; i < matrix.GetLength(0); i++)
        {
            json.WriteStartArray();
            for (var j = 0; j < matrix.GetLength(1); j++)
                json.WriteNumberValue(matrix[i, j]);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static string Pieces(IReadOnlyList<NearPiece> pieces) =>
        string.Join("  ", pieces.Select(piece => $"{piece.Piece ?? $"{piece.Id}"} {Number(piece.Value)}"));

    private static string Number(double value) =>
        value.ToString(Math.Abs(value) switch { >= 100 => "0", >= 0.005 or 0 => "0.00", _ => "0.0e+0" }, CultureInfo.InvariantCulture);
}

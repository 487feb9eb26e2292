using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ResidualPrompts.Data;

/// <summary>
/// Reads the rows of a Parquet file, one row group after another. Structs become objects, lists arrays, dates texts; all else keeps
/// its kind. Texts must be UTF-8.
/// </summary>
internal static class ParquetRows
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads rows lazily; a row group is held.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">The file cannot be opened or is no sound Parquet file, or a text is not UTF-8.</exception>
    public static IEnumerable<Example> Read(string path)
    {
        using var stream = DataStream.OpenSeekable(path);
        using var file = ParquetFile.Open(stream, path);
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, Options);
        var index = 0;
        for (var i = 0; i < file.GroupCount; i++)
        {
            using var group = file.Load(i);
            for (long row = 0; row < group.RowCount; row++, index++)
            {
                bytes.ResetWrittenCount();
                json.Reset();
                group.Write(json, index + 1L);
                json.Flush();
                yield return new Example(JsonElement.Parse(bytes.WrittenSpan), path, index + 1L, index, isRow: true);
            }
        }
    }
}

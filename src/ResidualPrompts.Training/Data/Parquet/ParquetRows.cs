using System.Buffers;
using System.Text.Json;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Files;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// Reads the rows of a Parquet file, one row group after another. Structs become objects, lists become arrays, and dates and times become
/// strings (see <see cref="ParquetTime"/>); other values keep their type, and numbers all their digits. Strings must be UTF-8. A column that cannot
/// be read is missing in its rows, and asking a row for it is an error.
/// </summary>
internal static class ParquetRows
{
    /// <summary>Reads rows lazily; one row group is in memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What happens to bad rows.</param>
    /// <exception cref="DataException">The file cannot be opened or is not a valid Parquet file, or a string is not UTF-8.</exception>
    public static IEnumerable<Example> Read(string path, ReadOptions options)
    {
        using var stream = DataStream.OpenSeekable(path);
        using var file = ParquetFile.Open(stream, path);
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes, JsonFormats.Relaxed);
        var index = 0;
        for (var i = 0; i < file.GroupCount; i++)
        {
            using var group = file.Load(i);
            for (long row = 0; row < group.RowCount; row++, index++)
            {
                bytes.ResetWrittenCount();
                json.Reset();
                if (!Write(group, json, index, options.OnBadRow))
                    continue;
                json.Flush();
                yield return new Example(JsonElement.Parse(bytes.WrittenSpan), path, index + 1L, index, group.Unreadable);
            }

            options.OnProgress?.Invoke((i + 1.0) / file.GroupCount);
        }
    }

    private static bool Write(ParquetGroup group, Utf8JsonWriter json, int index, Action<BadRow>? onBadRow)
    {
        try
        {
            group.Write(json, index + 1L);
            return true;
        }
        catch (DataException e) when (onBadRow is not null)
        {
            onBadRow(new BadRow(index, index + 1L, BadRow.ReasonOf(e), null));
            group.Pass();
            return false;
        }
    }
}

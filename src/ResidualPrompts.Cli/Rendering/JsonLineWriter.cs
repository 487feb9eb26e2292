using System.Buffers;
using System.Text.Json;
using ResidualPrompts.Files;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Writes results as JSON lines to standard output. Only whole lines are written, even if the program is interrupted.</summary>
internal sealed class JsonLineWriter : IDisposable
{
    private const int BlockSize = 1 << 16;
    private readonly Stream _output = StandardOutput.Open();
    private readonly ArrayBufferWriter<byte> _lines = new(BlockSize);
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly Utf8JsonWriter _json;

    private JsonLineWriter() => _json = new Utf8JsonWriter(_line, JsonFormats.Relaxed);

    /// <summary>Opens standard output, and writes what the lines left at the end. If they fail, their failure is the one that is reported.</summary>
    internal static void Run(Action<JsonLineWriter> lines)
    {
        using var writer = new JsonLineWriter();
        try
        {
            lines(writer);
        }
        catch
        {
            writer.FlushQuietly();
            throw;
        }

        writer.Flush();
    }

    /// <summary>Writes one line.</summary>
    internal void Write(Action<Utf8JsonWriter> fields)
    {
        try
        {
            _json.WriteStartObject();
            fields(_json);
            _json.WriteEndObject();
            _json.Flush();
            _lines.Write(_line.WrittenSpan);
            _lines.Write("\n"u8);
        }
        finally
        {
            _json.Reset();
            _line.ResetWrittenCount();
        }

        if (_lines.WrittenCount >= BlockSize)
            Flush();
    }

    internal void Flush()
    {
        try
        {
            _output.Write(_lines.WrittenSpan);
        }
        finally
        {
            _lines.ResetWrittenCount();
        }
    }

    private void FlushQuietly()
    {
        try
        {
            Flush();
        }
        catch (IOException)
        {
            // The first failure is reported.
        }
    }

    public void Dispose()
    {
        _json.Dispose();
        _output.Dispose();
    }
}

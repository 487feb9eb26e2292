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

    internal JsonLineWriter() => _json = new Utf8JsonWriter(_line, JsonFormats.Relaxed);

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

    public void Dispose()
    {
        Flush();
        _json.Dispose();
        _output.Dispose();
    }
}

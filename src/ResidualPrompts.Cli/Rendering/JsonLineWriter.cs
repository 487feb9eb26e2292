using System.Text.Encodings.Web;
using System.Text.Json;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Writes results to standard output, one JSON object a line.</summary>
internal sealed class JsonLineWriter : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly BufferedStream _output = new(Console.OpenStandardOutput(), 1 << 16);
    private readonly Utf8JsonWriter _json;

    internal JsonLineWriter() => _json = new Utf8JsonWriter(_output, Options);

    /// <summary>Writes one line.</summary>
    internal void Write(Action<Utf8JsonWriter> fields)
    {
        _json.WriteStartObject();
        fields(_json);
        _json.WriteEndObject();
        _json.Flush();
        _output.WriteByte((byte)'\n');
        _json.Reset();
    }

    internal void Flush() => _output.Flush();

    public void Dispose()
    {
        _json.Dispose();
        _output.Dispose();
    }
}

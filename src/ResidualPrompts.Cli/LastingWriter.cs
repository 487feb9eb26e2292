using System.Text;

namespace ResidualPrompts.Cli;

/// <summary>
/// Standard error that never fails: what cannot be written, on a full disk or after its terminal was closed, is dropped. A message must not end
/// the work that it tells of.
/// </summary>
/// <param name="writer">Where the text goes.</param>
internal sealed class LastingWriter(TextWriter writer) : TextWriter
{
    public override Encoding Encoding => writer.Encoding;

    public override void Write(char value) => Try(() => writer.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => writer.Write(buffer, index, count));

    public override void Write(string? value) => Try(() => writer.Write(value));

    public override void WriteLine(string? value) => Try(() => writer.WriteLine(value));

    public override void Flush() => Try(writer.Flush);

    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // There is nobody to tell.
        }
    }
}

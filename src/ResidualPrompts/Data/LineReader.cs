namespace ResidualPrompts.Data;

/// <summary>Lines as a stream of characters with a line feed after each, for parsers whose rows may span lines.</summary>
internal sealed class LineReader(IEnumerable<TextLine> lines) : TextReader
{
    private readonly IEnumerator<TextLine> _lines = lines.GetEnumerator();
    private string _line = "";
    private int _position;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (_position == _line.Length && !MoveNext())
            return 0;
        var count = Math.Min(buffer.Length, _line.Length - _position);
        _line.AsSpan(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _lines.Dispose();
        base.Dispose(disposing);
    }

    private bool MoveNext()
    {
        if (!_lines.MoveNext())
            return false;
        (_line, _position) = (_lines.Current.Text + "\n", 0);
        return true;
    }
}

namespace ResidualPrompts.Data;

/// <summary>Lines as one text again, for a parser of its own that wants a reader; remembers whether quotes were left open at the end.</summary>
internal sealed class LineJoiningReader(IEnumerable<TextLine> lines) : TextReader
{
    private readonly IEnumerator<TextLine> _lines = lines.GetEnumerator();
    private string _current = "";
    private int _position;
    private bool _oddQuotes;

    /// <summary>Whether the quotes read so far do not pair up.</summary>
    internal bool HasOpenQuote => _oddQuotes;

    public override int Peek() => Fill() ? _current[_position] : -1;

    public override int Read() => Fill() ? _current[_position++] : -1;

    public override int Read(char[] buffer, int index, int count)
    {
        if (!Fill())
            return 0;
        var taken = Math.Min(count, _current.Length - _position);
        _current.CopyTo(_position, buffer, index, taken);
        _position += taken;
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        _lines.Dispose();
        base.Dispose(disposing);
    }

    private bool Fill()
    {
        if (_position < _current.Length)
            return true;
        if (!_lines.MoveNext())
            return false;
        (_current, _position) = (_lines.Current.Text + "\n", 0);
        _oddQuotes ^= _current.AsSpan().Count('"') % 2 == 1;
        return true;
    }
}

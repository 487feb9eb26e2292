namespace ResidualPrompts.Data.Text;

/// <summary>
/// Lines as a stream of characters with a line feed after each, for parsers whose rows may span lines. A parser reads ahead. Lines since the
/// start of a row may be kept, so that another parser can continue after a row that the first could not read.
/// </summary>
/// <param name="lines">The lines.</param>
/// <param name="keeps">Whether to keep lines until <see cref="Forget"/> removes them.</param>
internal sealed class LineReader(IEnumerable<TextLine> lines, bool keeps = false) : TextReader
{
    private readonly IEnumerator<TextLine> _lines = lines.GetEnumerator();
    private readonly LinkedList<TextLine> _kept = [];
    private LinkedListNode<TextLine>? _again;
    private string _line = "";
    private int _position;

    /// <summary>The first kept line.</summary>
    public TextLine? First => _kept.First?.Value;

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

    /// <summary>Removes the kept lines before a line.</summary>
    public void Forget(long number)
    {
        while (_kept.First is { } first && first.Value.Number < number)
            _kept.RemoveFirst();
    }

    /// <summary>The problem of the first undecodable line up to a number; null when there is none.</summary>
    public DataException? ProblemUpTo(long number)
    {
        for (var node = _kept.First; node is not null && node.Value.Number <= number; node = node.Next)
        {
            if (node.Value.Problem is { } problem)
                return problem;
        }

        return null;
    }

    /// <summary>Continues reading with the line after the first kept one.</summary>
    public void GoBack()
    {
        _again = _kept.First?.Next;
        _kept.RemoveFirst();
        (_line, _position) = ("", 0);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _lines.Dispose();
        base.Dispose(disposing);
    }

    private bool MoveNext()
    {
        if (_again is { } node)
        {
            _again = node.Next;
            return Take(node.Value);
        }

        if (!_lines.MoveNext())
            return false;
        if (keeps)
            _kept.AddLast(_lines.Current);
        return Take(_lines.Current);
    }

    private bool Take(TextLine line)
    {
        (_line, _position) = (line.Text + "\n", 0);
        return true;
    }
}

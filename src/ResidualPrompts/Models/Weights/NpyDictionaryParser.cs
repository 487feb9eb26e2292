using System.Globalization;

namespace ResidualPrompts.Models.Weights;

/// <summary>The three values in a <c>.npy</c> header.</summary>
internal sealed record NpyDictionary(string ElementDescription, bool IsFortranOrder, long[] Shape);

/// <summary>
/// Parses the Python dictionary of a <c>.npy</c> header, and only the Python that NumPy writes there: strings without escapes, True and False, and
/// tuples of decimal integers.
/// </summary>
internal sealed class NpyDictionaryParser(string path, string text, long offset)
{
    /// <summary>libtorch's limit on dimensions; NumPy's is the same since 2.0.</summary>
    private const int LargestRank = 64;

    private int _position;

    /// <summary>Parses the whole text.</summary>
    /// <exception cref="NpyException">The text is not such a dictionary with exactly the three keys.</exception>
    public NpyDictionary Parse()
    {
        string? description = null;
        bool? fortranOrder = null;
        long[]? shape = null;
        Expect('{');
        while (!TryTake('}'))
        {
            var keyPosition = _position;
            var key = ParseString();
            Expect(':');
            switch (key)
            {
                case "descr" when description is null:
                    description = ParseString();
                    break;
                case "fortran_order" when fortranOrder is null:
                    fortranOrder = ParseBoolean();
                    break;
                case "shape" when shape is null:
                    shape = ParseTuple();
                    break;
                default:
                    throw Invalid(keyPosition, "'descr', 'fortran_order' and 'shape', each once", ErrorText.Quote(key));
            }

            if (!TryTake(','))
            {
                Expect('}');
                break;
            }
        }

        SkipSpace();
        if (_position != text.Length)
        {
            throw Invalid(_position, "nothing behind the dictionary", Found());
        }

        return description is not null && fortranOrder is { } isFortranOrder && shape is not null
            ? new NpyDictionary(description, isFortranOrder, shape)
            : throw Invalid(_position, "'descr', 'fortran_order' and 'shape'", "a dictionary without one of them");
    }

    private string ParseString()
    {
        SkipSpace();
        var quote = _position < text.Length ? text[_position] : '\0';
        var end = quote is '\'' or '"' ? text.IndexOf(quote, _position + 1) : -1;
        if (end < 0)
        {
            throw Invalid(_position, "a string in quotes", Found());
        }

        var content = text[(_position + 1)..end];
        if (content.Contains('\\'))
        {
            throw Invalid(_position, "a string without escapes", ErrorText.Quote(content));
        }

        _position = end + 1;
        return content;
    }

    private bool ParseBoolean()
    {
        SkipSpace();
        foreach (var (word, value) in new[] { ("True", true), ("False", false) })
        {
            if (text.AsSpan(_position).StartsWith(word, StringComparison.Ordinal))
            {
                _position += word.Length;
                return value;
            }
        }

        throw Invalid(_position, "True or False", Found());
    }

    /// <summary><c>()</c>, <c>(3,)</c>, <c>(3, 4)</c>, <c>(3, 4,)</c>; in Python <c>(3)</c> is not a tuple.</summary>
    private long[] ParseTuple()
    {
        Expect('(');
        var sizes = new List<long>();
        var needsComma = false;
        while (!TryTake(')'))
        {
            if (needsComma || sizes.Count == LargestRank)
            {
                throw Invalid(_position, needsComma ? "','" : $"at most {LargestRank} dimensions", Found());
            }

            sizes.Add(ParseInteger());
            needsComma = !TryTake(',');
            if (needsComma && sizes.Count == 1)
            {
                throw Invalid(_position, "','", Found());
            }
        }

        return [.. sizes];
    }

    private long ParseInteger()
    {
        SkipSpace();
        var begin = _position;
        while (_position < text.Length && char.IsAsciiDigit(text[_position]))
        {
            _position++;
        }

        var digits = text.AsSpan(begin, _position - begin);
        var isCanonical = digits is "0" or [not '0', ..];
        return isCanonical && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw Invalid(begin, "an integer from 0 to 2^63 - 1", digits.IsEmpty ? Found() : digits.ToString());
    }

    private void Expect(char wanted)
    {
        if (!TryTake(wanted))
        {
            throw Invalid(_position, $"'{wanted}'", Found());
        }
    }

    private bool TryTake(char wanted)
    {
        SkipSpace();
        if (_position >= text.Length || text[_position] != wanted)
        {
            return false;
        }

        _position++;
        return true;
    }

    private void SkipSpace()
    {
        while (_position < text.Length && text[_position] is (' ' or '\n' or '\t' or '\r'))
        {
            _position++;
        }
    }

    private string Found() => _position < text.Length ? ErrorText.Quote(text[_position].ToString()) : "the end of the header";

    private NpyException Invalid(int at, string expected, string found) =>
        NpyException.InvalidFile(path, offset + at, "the header", expected, found);
}

using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>
/// The rules of T5's tokenizer written down on strings, with dictionaries and in quadratic time. It shares no code with the
/// library, so that a fault would have to be made twice.
/// </summary>
internal sealed partial class NaiveT5Tokenizer
{
    private const string PythonWhiteSpace =
        "\t\n\v\f\r\u001c\u001d\u001e\u001f "
        + "\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

    private readonly Dictionary<string, (int Id, float Score)> _pieces = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _charsMap = new(StringComparer.Ordinal);
    private readonly int _longestKey;
    private readonly int _pieceCount;
    private readonly float _unknownScore;

    public NaiveT5Tokenizer(byte[] model)
    {
        foreach (var (field, value) in Fields(model))
        {
            if (field == 1)
            {
                var piece = Fields(((ByteString)value).ToByteArray()).ToDictionary(f => f.Field, f => f.Value);
                var kind = piece.TryGetValue(3, out var number) ? (ulong)number : 1;
                if (kind == 1)
                    _pieces.Add(((ByteString)piece[1]).ToStringUtf8(), (_pieceCount, BitConverter.UInt32BitsToSingle((uint)piece[2])));
                _pieceCount++;
            }
            else if (field == 3)
            {
                _charsMap = CharsMapFile.Entries(((ByteString)Fields(((ByteString)value).ToByteArray()).Single(f => f.Field == 2).Value)
                    .ToByteArray());
            }
        }

        _longestKey = _charsMap.Keys.Max(key => key.Length);
        _unknownScore = _pieces.Values.Min(piece => piece.Score) - 10f;
    }

    public int[] Encode(string text, int? maxLength = null)
    {
        text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        var ids = new List<int>();
        var start = 0;
        var matches = SpecialToken().Matches(text);
        for (var i = 0; i <= matches.Count; i++)
        {
            var sentence = text[start..(i < matches.Count ? matches[i].Index : text.Length)];
            sentence = i > 0 ? sentence.TrimStart(PythonWhiteSpace.ToCharArray()) : sentence;
            sentence = i < matches.Count ? sentence.TrimEnd(PythonWhiteSpace.ToCharArray()) : sentence;
            ids.AddRange(EncodeSentence(Normalize(sentence)));
            if (i == matches.Count)
                break;
            ids.Add(matches[i].Value switch
            {
                "<pad>" => 0,
                "</s>" => 1,
                "<unk>" => 2,
                var extra => _pieceCount + 99 - int.Parse(extra["<extra_id_".Length..^1]),
            });
            start = matches[i].Index + matches[i].Length;
        }

        if (ids.Count + 1 > maxLength)
            ids = ids[..(maxLength.Value - 1)];
        return ids is [.., 1] ? [.. ids] : [.. ids, 1];
    }

    private string Normalize(string text)
    {
        var normalized = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            var length = Math.Min(_longestKey, text.Length - i);
            while (length > 0 && !_charsMap.ContainsKey(text.Substring(i, length)))
                length--;
            normalized.Append(length > 0 ? _charsMap[text.Substring(i, length)] : text[i]);
            i += Math.Max(length, 1);
        }

        var trimmed = Spaces().Replace(normalized.ToString(), " ").Trim(' ');
        return trimmed.Length == 0 ? "" : "\u2581" + trimmed.Replace(' ', '\u2581');
    }

    private List<int> EncodeSentence(string sentence)
    {
        string[] characters = [.. sentence.EnumerateRunes().Select(rune => rune.ToString())];
        var best = new (float Score, int Start, int Id)[characters.Length + 1];
        for (var end = 1; end <= characters.Length; end++)
        {
            best[end].Start = -1;
            for (var start = 0; start < end; start++)
            {
                double candidate;
                var isPiece = _pieces.TryGetValue(string.Concat(characters[start..end]), out var piece);
                if (isPiece)
                    candidate = (double)piece.Score + best[start].Score;
                else if (start == end - 1)
                    candidate = _unknownScore + best[start].Score;
                else
                    continue;
                if (best[end].Start < 0 || candidate > best[end].Score)
                    best[end] = ((float)candidate, start, isPiece ? piece.Id : 2);
            }
        }

        var ids = new List<int>();
        for (var end = characters.Length; end > 0; end = best[end].Start)
        {
            if (best[end].Id != 2 || ids is not [.., 2])
                ids.Add(best[end].Id);
        }

        ids.Reverse();
        return ids;
    }

    /// <summary>The fields of a message: numbers as ulong, float as its bits, everything else as bytes.</summary>
    private static IEnumerable<(int Field, object Value)> Fields(byte[] message)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            object value = (tag & 7) switch
            {
                0 => input.ReadUInt64(),
                5 => input.ReadFixed32(),
                _ => input.ReadBytes(),
            };
            yield return ((int)(tag >> 3), value);
        }
    }

    [GeneratedRegex("</s>|<pad>|<unk>|<extra_id_(?:0|[1-9][0-9]?)>")]
    private static partial Regex SpecialToken();

    [GeneratedRegex(" +")]
    private static partial Regex Spaces();
}

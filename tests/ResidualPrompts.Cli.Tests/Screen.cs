using System.Globalization;
using System.Text;

namespace ResidualPrompts.Cli.Tests;

/// <summary>What a terminal shows after control sequences that move up, erase, and set colours; other sequences change nothing.</summary>
internal static class Screen
{
    internal static string[] Of(string written)
    {
        var (lines, row, column) = (new List<StringBuilder>(), 0, 0);
        for (var i = 0; i < written.Length; i++)
        {
            while (lines.Count <= row)
                lines.Add(new StringBuilder());
            switch (written[i])
            {
                case '\r':
                    column = 0;
                    break;
                case '\n':
                    (row, column) = (row + 1, 0);
                    break;
                case '\e':
                    var end = written.AsSpan(i).IndexOfAnyInRange('A', 'z') is var bracket && written[i + bracket] == '['
                        ? i + bracket + 1 + written.AsSpan(i + bracket + 1).IndexOfAny(Letters) : i + bracket;
                    var number = int.TryParse(written.AsSpan(i + 2, end - i - 2), CultureInfo.InvariantCulture, out var given) ? given : 0;
                    if (written[end] == 'A')
                        row = Math.Max(0, row - Math.Max(1, number));
                    else if (written[end] == 'K' && number == 2)
                        lines[row].Clear();
                    else if (written[end] == 'K')
                        lines[row].Length = Math.Min(lines[row].Length, column);
                    i = end;
                    break;
                default:
                    if (lines[row].Length <= column)
                        lines[row].Append(' ', column + 1 - lines[row].Length);
                    lines[row][column++] = written[i];
                    break;
            }
        }

        return [.. lines.Select(line => line.ToString().TrimEnd())];
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

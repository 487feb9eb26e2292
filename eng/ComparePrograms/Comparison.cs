using System.Text;

namespace ResidualPrompts.ComparePrograms;

/// <summary>Compares two sessions.</summary>
/// <param name="before">The session of the old program.</param>
/// <param name="after">The session of the new program.</param>
/// <param name="allowed">Classes whose differences are allowed.</param>
internal sealed class Comparison(Outcome before, Outcome after, IReadOnlySet<ItemClass> allowed)
{
    private const int Around = 40; // bytes of text shown before and after a difference

    /// <summary>Compares everything, and prints the differences and their number.</summary>
    /// <returns>Number of items whose differences are not allowed; -1 if a session is not finished.</returns>
    internal int Print(TextWriter output)
    {
        var (equal, different, permitted) = (0, 0, 0);
        if (!before.IsFinished || !after.IsFinished)
        {
            output.WriteLine($"{(before.IsFinished ? "after" : "before")} is not finished");
            different++;
        }

        foreach (var name in before.Names().Union(after.Names()))
        {
            var (same, differences) = OfFile(name);
            equal += same;
            foreach (var (item, kind, text) in differences)
            {
                var isAllowed = allowed.Contains(kind);
                (different, permitted) = isAllowed ? (different, permitted + 1) : (different + 1, permitted);
                output.WriteLine($"{(isAllowed ? "allowed: " : "")}{item} [{kind.ToString().ToLowerInvariant()}]: {text}");
            }
        }

        var note = permitted == 0 ? "" : $"; {permitted} more differ but are allowed";
        output.WriteLine($"{equal} items equal, {different} differ{note}");
        return equal + different + permitted == 0 ? -1 : different;
    }

    /// <summary>Compares one file.</summary>
    internal (int Equal, List<(string Item, ItemClass Class, string Text)> Differences) OfFile(string name)
    {
        if (!before.Has(name) || !after.Has(name))
            return (0, [(name, Masks.ClassOf(name), $"only {(before.Has(name) ? "before" : "after")} has it")]);
        return OfItems(before.Read(name).Items, after.Read(name).Items);
    }

    private static (int Equal, List<(string Item, ItemClass Class, string Text)> Differences) OfItems(
        IReadOnlyList<Item> left, IReadOnlyList<Item> right)
    {
        var equal = 0;
        var differences = new List<(string, ItemClass, string)>();
        foreach (var item in left.Concat(right).DistinctBy(item => item.Name))
        {
            var (one, other) = (left.FirstOrDefault(found => found.Name == item.Name), right.FirstOrDefault(found => found.Name == item.Name));
            if (Difference(item.Name, one?.Bytes, other?.Bytes) is { } text)
                differences.Add((item.Name, item.Class, text));
            else
                equal++;
        }

        return (equal, differences);
    }

    private static string? Difference(string name, byte[]? left, byte[]? right)
    {
        if (left is null || right is null)
            return $"only {(left is null ? "after" : "before")} has it";
        if (!left.AsSpan().SequenceEqual(right))
            return FirstDifference(left, right);
        // If both programs failed in the same way, nothing was compared.
        var text = Path.GetExtension(name) is ".exit" or ".status" ? Encoding.UTF8.GetString(left).TrimEnd() : "";
        return text.Split(" expected ") is [var code, var expected] && code != expected ? $"both have exit code {text}"
            : text == Outcome.NoAnswer ? "neither got an answer"
            : null;
    }

    private static string FirstDifference(byte[] left, byte[] right)
    {
        var place = left.AsSpan().CommonPrefixLength(right);
        if (left.Contains((byte)0) || right.Contains((byte)0))
            return $"byte {place} is {ByteAt(left, place)} before, {ByteAt(right, place)} after ({left.Length} and {right.Length} bytes)";
        return $"line {left.AsSpan(0, place).Count((byte)'\n') + 1} is “{Excerpt(left, place)}” before and “{Excerpt(right, place)}” after";
    }

    private static string ByteAt(byte[] bytes, int place) => place < bytes.Length ? $"{bytes[place]:x2}" : "missing";

    private static string Excerpt(byte[] bytes, int place)
    {
        var start = Math.Max(bytes.AsSpan(0, Math.Min(place, bytes.Length)).LastIndexOf((byte)'\n') + 1, place - Around);
        var rest = bytes.AsSpan(start, Math.Min(place + Around, bytes.Length) - start);
        var end = rest[Math.Min(place - start, rest.Length)..].IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..(place - start + end)]).Replace('\u0001', '…');
    }
}

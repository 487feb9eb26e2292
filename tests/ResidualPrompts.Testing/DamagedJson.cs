using System.Text;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Testing;

/// <summary>A JSON text with one value, key or byte damaged, in every way that has come to mind; the same seed gives the same texts.</summary>
public static class DamagedJson
{
    private const string Place = "the place of the damage";

    /// <summary>What stands in place of a value.</summary>
    private static readonly string[] Values =
    [
        "null", "true", "-0", "0", "-1", "1.5", "1e999", "-1e999", "1e-999", "9223372036854775808", "-9223372036854775809", "2147483648",
        "123456789012345678901234567890123456789012345678901234567890", "\"\"", "\" \"", "\"\\ud800\"", "\"a\\udc00b\"", "\"\\u0000\"",
        "\"\\u001b[31mred\\u202e\\n\\r\\u2028\"", "[]", "{}", "[null]", "[[]]", "[\"\\ud800\"]", "{\"\":null}", "{\"\\ud800\":1}",
        "{\"a\":1,\"a\":2}", "NaN", "\"a", "\"" + new string('x', 5000) + "\"",
        string.Concat(Enumerable.Repeat("[", 100)) + string.Concat(Enumerable.Repeat("]", 100)), "\"{\"", "\"{a}{b}\"", "\"=\"", "\"../..\"",
        "{\"name\":1}", "[1,2,3]", "{\"a\":{\"b\":[]}}",
    ];

    /// <summary>Damaged forms of a JSON text, a sample of all.</summary>
    /// <param name="json">One JSON object.</param>
    /// <param name="count">At most so many forms.</param>
    /// <param name="seed">Chooses the sample.</param>
    public static IEnumerable<byte[]> Of(string json, int count, int seed = 1)
    {
        var random = new Random(seed);
        var paths = Paths(JsonNode.Parse(json)!, []).ToArray();
        var all = paths.SelectMany(path => Values.Select(value => (path, value)).Append((path, "remove")).Append((path, "rename"))
            .Append((path, "double")))
            .ToArray();
        random.Shuffle(all);
        foreach (var (path, value) in all.Take(count))
            yield return Encoding.UTF8.GetBytes(With(json, path, value));
        foreach (var damaged in OfBytes(Encoding.UTF8.GetBytes(json), count / 4, random))
            yield return damaged;
    }

    /// <summary>Damaged forms of any file: changed, missing and added bytes.</summary>
    public static IEnumerable<byte[]> OfBytes(byte[] bytes, int count, Random random)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ArgumentNullException.ThrowIfNull(random);
        for (var i = 0; i < count; i++)
        {
            var at = random.Next(bytes.Length);
            byte[] inserted = random.Next(4) switch { 0 => [0xff], 1 => [0xed, 0xa0, 0x80], 2 => [0], _ => [(byte)random.Next(256)] };
            yield return (i % 4) switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], .. inserted, .. bytes[at..]],
                2 => [.. bytes[..at], .. inserted, .. bytes[Math.Min(bytes.Length, at + inserted.Length)..]],
                _ => [.. bytes[..at], .. bytes[(at + 1)..]],
            };
        }
    }

    private static string With(string json, object[] path, string value)
    {
        var root = JsonNode.Parse(json)!;
        var parent = path[..^1].Aggregate(root, (node, step) => step is string key ? node[key]! : node[(int)step]!);
        switch (value)
        {
            case "remove" or "rename" when parent is JsonObject owner:
                var kept = owner[(string)path[^1]]?.DeepClone();
                owner.Remove((string)path[^1]);
                if (value == "rename")
                    owner[Place] = kept;
                return root.ToJsonString().Replace($"\"{Place}\":", "\"\\ud800\":", StringComparison.Ordinal);
            case "double" when parent is JsonObject owner:
                owner[Place] = null;
                return root.ToJsonString().Replace($"\"{Place}\":", $"\"{path[^1]}\":", StringComparison.Ordinal);
        }

        if (path[^1] is string name)
            parent[name] = Place;
        else
            parent[(int)path[^1]] = Place;
        return root.ToJsonString().Replace($"\"{Place}\"", value, StringComparison.Ordinal);
    }

    private static IEnumerable<object[]> Paths(JsonNode node, object[] path) => node switch
    {
        JsonObject items => items.SelectMany(item => Below(item.Value, [.. path, item.Key])),
        JsonArray items => items.Take(3).SelectMany((item, i) => Below(item, [.. path, i])),
        _ => [],
    };

    private static IEnumerable<object[]> Below(JsonNode? node, object[] path) => node is null ? [path] : Paths(node, path).Prepend(path);
}

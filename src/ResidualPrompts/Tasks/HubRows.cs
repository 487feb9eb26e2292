using System.Globalization;
using System.Text.Json;
using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>
/// Converts rows of official files into the form of the data sets on the Hugging Face hub, where renaming is not enough: one function per data
/// set. Rows already in the hub's form stay unchanged.
/// </summary>
internal static class HubRows
{
    /// <summary>Reading comprehension over several sentences: one row per answer to each question of a passage.</summary>
    public static IEnumerable<Example> MultiRC(Example row)
    {
        if (row.Has("paragraph"))
            return [row];
        var passage = Required(row, "passage.text");
        return from question in Items(row, "passage.questions")
               from answer in Items(row, question, "answers")
               select row.With(
               [
                   ("paragraph", passage),
                   ("question", Required(row, question, "question")),
                   ("answer", Required(row, answer, "text")),
                   ("idx.paragraph", Required(row, "idx")),
                   ("idx.question", Required(row, question, "idx")),
                   ("idx.answer", Required(row, answer, "idx")),
                   .. Optional("label", answer, "label"),
               ]);
    }

    /// <summary>Cloze questions about news: one row per query of a passage, with the passage's entities as candidates.</summary>
    public static IEnumerable<Example> Record(Example row)
    {
        if (row.Has("entities"))
            return [row];
        var passage = row.Text("passage.text");
        var entities = Sorted(Items(row, "passage.entities").Select(entity => Span(row, passage, entity)));
        return from query in Items(row, "qas")
               select row.With(
               [
                   ("passage", Required(row, "passage.text")),
                   ("query", Required(row, query, "query")),
                   ("entities", entities),
                   ("idx.passage", Required(row, "idx")),
                   ("idx.query", Required(row, query, "idx")),
                   .. query.TryGetProperty("answers", out _)
                       ? [("answers", Sorted(Items(row, query, "answers").Select(answer => Required(row, answer, "text").GetString()!)))]
                       : Array.Empty<(string, JsonElement)>(),
               ]);
    }

    /// <summary>
    /// Pairs of consecutive sentences that differ in a pronoun's gender. The field <c>pair_id</c> cannot identify them: it differs within a pair.
    /// </summary>
    public static IEnumerable<Example> NeighboursAsPairs(Example row) => [row.With(("pair", JsonSerializer.SerializeToElement(row.Index / 2)))];

    /// <summary>Files whose labels start at 1, while the hub's start at 0. They are recognized by the name of their text field.</summary>
    /// <param name="field">The field that the template expects.</param>
    /// <param name="others">Its names in such files; several names are joined by a space.</param>
    public static Func<Example, IEnumerable<Example>> LabelsFromOne(string field, params string[][] others) => row =>
    {
        if (row.Has(field) || others.FirstOrDefault(names => names.All(row.Has)) is not { } found)
            return [row];
        var text = JsonSerializer.SerializeToElement(string.Join(' ', found.Select(row.Value)));
        return [HasLabel(row) ? row.With((field, text), ("label", FromZero(row))) : row.With((field, text))];
    };

    /// <summary>Files that name the label beside a number with another meaning. Rows without such a name stay unchanged.</summary>
    /// <param name="field">The field that holds the name.</param>
    /// <param name="words">The label word of each name.</param>
    public static Func<Example, IEnumerable<Example>> LabelsByName(string field, Dictionary<string, string> words) => row =>
    {
        if (!row.Has(field))
            return [row];
        var name = row.Value(field);
        return words.TryGetValue(name, out var word)
            ? [row.With(("label", JsonSerializer.SerializeToElement(word)))]
            : throw row.Problem($"'{field}' is '{Example.Shortened(name)}', expected {string.Join(", ", words.Keys.Select(known => $"'{known}'"))}");
    };

    /// <summary>Abstracts of an encyclopedia. Few-shot files, whose text field is "sentence", have no title; it is then empty.</summary>
    public static IEnumerable<Example> Abstracts(Example row) =>
        LabelsFromOne("content", ["abstract"], ["sentence"])(
            row.Has("sentence") && !row.Has("title") ? row.With(("title", JsonSerializer.SerializeToElement(""))) : row);

    private static bool HasLabel(Example row) => row.Has("label") && LabelWords.Plain(row.Value("label")) is not ("" or "-1");

    private static JsonElement FromZero(Example row)
    {
        var label = row.Integer("label");
        return label >= 1 ? JsonSerializer.SerializeToElement((label - 1).ToString(CultureInfo.InvariantCulture))
            : throw row.Problem(string.Create(CultureInfo.InvariantCulture, $"'label' is {label}, expected labels from 1 in files of this form"));
    }

    /// <summary>The characters of a span. Its bounds count code points, and both belong to it.</summary>
    private static string Span(Example row, string passage, JsonElement entity)
    {
        var (start, end) = (Place(row, entity, "start"), Place(row, entity, "end"));
        // UTF-16 offsets equal code points as long as there is no character above U+FFFF.
        var runes = passage.Any(char.IsSurrogate) ? passage.EnumerateRunes().Select(rune => rune.ToString()).ToArray() : null;
        var length = runes?.Length ?? passage.Length;
        if (start < 0 || end < start || end >= length)
            throw row.Problem($"an entity goes from {start} to {end}, expected places of the passage, 0 to {length - 1}");
        return runes is null ? passage[start..(end + 1)] : string.Concat(runes[start..(end + 1)]);
    }

    private static int Place(Example row, JsonElement entity, string name) =>
        Required(row, entity, name).TryGetInt32(out var place) ? place : throw row.Problem($"'{name}' of an entity is not a whole number");

    private static JsonElement Sorted(IEnumerable<string> texts) => JsonSerializer.SerializeToElement(texts.Distinct().Order(StringComparer.Ordinal));

    private static IEnumerable<(string, JsonElement)> Optional(string name, JsonElement item, string field) =>
        item.TryGetProperty(field, out var value) ? [(name, value)] : [];

    private static JsonElement Required(Example row, string field) => row.Json(field) ?? throw row.Problem($"no field '{field}'");

    private static JsonElement Required(Example row, JsonElement item, string field) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(field, out var value) ? value
            : throw row.Problem($"an item lacks the field '{field}'");

    private static JsonElement.ArrayEnumerator Items(Example row, string field) => Listed(row, Required(row, field), field);

    private static JsonElement.ArrayEnumerator Items(Example row, JsonElement item, string field) => Listed(row, Required(row, item, field), field);

    private static JsonElement.ArrayEnumerator Listed(Example row, JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : throw row.Problem($"'{field}' is {Example.Kind(value)}, expected a list");
}

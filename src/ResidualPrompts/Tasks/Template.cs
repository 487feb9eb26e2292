using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>
/// The template of a row's text: text with fields in braces, <c>review: {text}</c>. A field is a name or a dotted path
/// (<see cref="Example.Value"/>); a list of texts is joined by "; "; <c>{{</c> and <c>}}</c> are single braces. Two templates are equal when
/// their texts are equal.
/// </summary>
public sealed class Template : IEquatable<Template>
{
    /// <summary>Separator of the texts of a list.</summary>
    internal const string ListSeparator = "; ";

    private readonly string _template;
    private readonly IReadOnlyList<Part> _parts;

    private Template(string template)
    {
        _template = template;
        Problem = Read(template, out _parts);
    }

    /// <summary>The required fields of a row, each once, in order of appearance.</summary>
    /// <exception cref="TaskException">The text is not a template.</exception>
    public IReadOnlyList<string> Fields => [.. Parts.Where(part => part.IsField).Select(part => part.Text).Distinct()];

    /// <summary>What is wrong with the text, or null.</summary>
    internal string? Problem { get; }

    private IReadOnlyList<Part> Parts => Problem is null ? _parts : throw TaskException.BadTemplate(_template, Problem);

    /// <summary>Parses a template.</summary>
    /// <param name="template">The template; <see cref="ToString"/> returns it unchanged.</param>
    /// <exception cref="TaskException">A brace is not closed or not opened, a field has no name, or there is no field.</exception>
    public static Template Parse(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var parsed = new Template(template);
        _ = parsed.Parts;
        return parsed;
    }

    /// <summary>Parses a text; returns false when it is not a template.</summary>
    /// <param name="text">The text.</param>
    /// <param name="template">The template.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Template? template)
    {
        template = text is null ? null : new Template(text);
        if (template?.Problem is not null)
            template = null;
        return template is not null;
    }

    /// <summary>Converts any text. If it is not a template, its first use throws.</summary>
    /// <param name="text">The text.</param>
    [return: NotNullIfNotNull(nameof(text))]
    public static implicit operator Template?(string? text) => text is null ? null : new Template(text);

    /// <inheritdoc/>
    public bool Equals(Template? other) => other is not null && other._template == _template;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Template);

    /// <inheritdoc/>
    public override int GetHashCode() => _template.GetHashCode(StringComparison.Ordinal);

    /// <summary>Parses a text; returns what is wrong with it, or null.</summary>
    private static string? Read(string template, out IReadOnlyList<Part> read)
    {
        var parts = new List<Part>();
        read = parts;
        var literal = new StringBuilder();
        for (var i = 0; i < template.Length; i++)
        {
            var c = template[i];
            if (c is not ('{' or '}'))
            {
                literal.Append(c);
            }
            else if (i + 1 < template.Length && template[i + 1] == c)
            {
                literal.Append(c);
                i++;
            }
            else if (c == '}')
            {
                return string.Create(
                    CultureInfo.InvariantCulture, $"the '}}' at character {i + 1} closes nothing; write '}}}}' for the character itself");
            }
            else
            {
                var end = template.IndexOfAny(['{', '}'], i + 1);
                if (end < 0 || template[end] == '{')
                    return string.Create(
                        CultureInfo.InvariantCulture, $"the '{{' at character {i + 1} is not closed; write '{{{{' for the character itself");
                var field = template[(i + 1)..end].Trim();
                if (field.Length == 0)
                    return string.Create(CultureInfo.InvariantCulture, $"the braces at character {i + 1} hold no field name");
                parts.Add(new Part(literal.ToString(), IsField: false));
                parts.Add(new Part(field, IsField: true));
                literal.Clear();
                i = end;
            }
        }

        if (parts.Count == 0)
            return "it names no field, so that every row would have the same text; write a field as {text}";
        parts.Add(new Part(literal.ToString(), IsField: false));
        return null;
    }

    /// <summary>The text of a row, without surrounding white space.</summary>
    /// <param name="example">The row.</param>
    /// <exception cref="DataException">The row lacks a field, or a field is neither a single value nor a list of texts.</exception>
    public string Render(Example example) => Render(example, null).Text;

    /// <summary>The text of a row, and the part of it that may be truncated.</summary>
    /// <param name="example">The row.</param>
    /// <param name="cutField">The field that may be truncated; null = the longest.</param>
    /// <exception cref="DataException">The row lacks a field, or a field is neither a single value nor a list of texts.</exception>
    internal (string Text, Range Cuttable) Render(Example example, string? cutField)
    {
        var text = new StringBuilder();
        var (start, end) = (0, 0);
        foreach (var part in Parts)
        {
            var place = text.Length;
            text.Append(part.IsField ? ValueOf(example, part.Text) : part.Text);
            if (part.IsField && (cutField is null ? text.Length - place > end - start : part.Text == cutField))
                (start, end) = (place, text.Length);
        }

        var untrimmed = text.ToString();
        var trimmed = untrimmed.Trim();
        var before = untrimmed.Length - untrimmed.TrimStart().Length;
        return (trimmed, Math.Clamp(start - before, 0, trimmed.Length)..Math.Clamp(end - before, 0, trimmed.Length));
    }

    private static string ValueOf(Example example, string field) =>
        example.Json(field) is { ValueKind: JsonValueKind.Array } ? string.Join(ListSeparator, example.Texts(field)) : example.Value(field);

    /// <summary>The template's text.</summary>
    public override string ToString() => _template;

    private readonly record struct Part(string Text, bool IsField);
}

using System.Text;
using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>
/// Text with fields in braces, <c>"choice1: {choice1} premise: {premise}"</c>; a brace itself is written twice. What comes out is stripped
/// of white space at both ends.
/// </summary>
public sealed class Template
{
    private readonly IReadOnlyList<(bool IsField, string Text)> _parts;

    private Template(string source, IReadOnlyList<(bool IsField, string Text)> parts) => (Source, _parts) = (source, parts);

    /// <summary>The template as it was written.</summary>
    public string Source { get; }

    /// <summary>The one field that it names, or null when there are several.</summary>
    public string? SoleField => _parts.Where(part => part.IsField).Select(part => part.Text).Distinct().ToArray() is [var only] ? only : null;

    /// <summary>Parses a template.</summary>
    /// <param name="text">The template.</param>
    /// <exception cref="TaskException">A brace is not closed or opened, a field has no name, or there is no field at all.</exception>
    public static Template Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = new List<(bool IsField, string Text)>();
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '{' or '}' && i + 1 < text.Length && text[i + 1] == c)
            {
                literal.Append(c);
                i++;
            }
            else if (c == '{')
            {
                var end = text.IndexOf('}', i);
                if (end < 0)
                    throw TaskException.Template(text, "a brace is not closed");
                var field = text[(i + 1)..end].Trim();
                if (field.Length == 0 || field.Contains('{'))
                    throw TaskException.Template(text, "a field has no name");
                parts.Add((false, literal.ToString()));
                parts.Add((true, field));
                literal.Clear();
                i = end;
            }
            else if (c == '}')
            {
                throw TaskException.Template(text, "a brace is closed that was not opened");
            }
            else
            {
                literal.Append(c);
            }
        }

        parts.Add((false, literal.ToString()));
        return parts.Exists(part => part.IsField) ? new Template(text, parts) : throw TaskException.Template(text, "it names no field, so that every example would be the same");
    }

    /// <summary>The text of an example.</summary>
    /// <param name="example">A row that has every field of the template.</param>
    /// <exception cref="DataException">A field is missing; the message names the row.</exception>
    public string Render(Example example)
    {
        ArgumentNullException.ThrowIfNull(example);
        return string.Concat(_parts.Select(part => part.IsField ? example.Value(part.Text) : part.Text)).Trim();
    }
}

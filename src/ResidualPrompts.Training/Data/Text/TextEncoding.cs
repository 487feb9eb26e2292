using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ResidualPrompts.Data.Text;

/// <summary>
/// The encoding of text files by its name, as in HTTP and HTML: <c>utf-8</c>, <c>latin1</c>, <c>windows-1252</c>, and legacy encodings of
/// Windows and DOS. Two encodings are equal when their names are equal, case included.
/// </summary>
public sealed class TextEncoding : IEquatable<TextEncoding>
{
    private readonly string _name;

    private TextEncoding(string name) => _name = name;

    /// <summary>Whether an encoding has this name.</summary>
    internal bool Exists => Find() is not null;

    /// <summary>Reads a name.</summary>
    /// <param name="name">The name; <see cref="ToString"/> returns it unchanged.</param>
    /// <exception cref="DataException">No encoding has this name.</exception>
    public static TextEncoding Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var encoding = new TextEncoding(name);
        _ = encoding.ToEncoding();
        return encoding;
    }

    /// <summary>Reads a name if an encoding has it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="encoding">The encoding.</param>
    public static bool TryParse([NotNullWhen(true)] string? name, [NotNullWhen(true)] out TextEncoding? encoding)
    {
        encoding = name is null ? null : new TextEncoding(name);
        if (encoding is { Exists: false })
            encoding = null;
        return encoding is not null;
    }

    /// <summary>The encoding itself.</summary>
    /// <exception cref="DataException">No encoding has this name.</exception>
    public Encoding ToEncoding() => Find() ?? throw DataException.UnknownEncoding(_name);

    /// <summary>Wraps a name without checking it; reading with an unknown encoding throws.</summary>
    /// <param name="name">The name.</param>
    [return: NotNullIfNotNull(nameof(name))]
    public static implicit operator TextEncoding?(string? name) => name is null ? null : new TextEncoding(name);

    /// <inheritdoc/>
    public bool Equals(TextEncoding? other) => other is not null && other._name == _name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TextEncoding);

    /// <inheritdoc/>
    public override int GetHashCode() => _name.GetHashCode(StringComparison.Ordinal);

    /// <summary>The name as it was written.</summary>
    public override string ToString() => _name;

    private Encoding? Find()
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(_name) ?? Encoding.GetEncoding(_name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}

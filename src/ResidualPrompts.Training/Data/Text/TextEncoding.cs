using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace ResidualPrompts.Data.Text;

/// <summary>
/// The encoding of text files by its name, as in HTTP and HTML: <c>utf-8</c>, <c>latin1</c>, <c>windows-1252</c>, also the older ones of
/// Windows and DOS. Two are equal when their names are, letter by letter.
/// </summary>
public sealed class TextEncoding : IEquatable<TextEncoding>
{
    private readonly string _name;

    private TextEncoding(string name) => _name = name;

    /// <summary>Whether there is an encoding of this name.</summary>
    internal bool Exists => Find() is not null;

    /// <summary>Reads a name.</summary>
    /// <param name="name">The name, which <see cref="ToString"/> gives back as it is.</param>
    /// <exception cref="DataException">There is no encoding of this name.</exception>
    public static TextEncoding Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var encoding = new TextEncoding(name);
        _ = encoding.ToEncoding();
        return encoding;
    }

    /// <summary>Reads a name, when there is an encoding of it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="encoding">What was read.</param>
    public static bool TryParse([NotNullWhen(true)] string? name, [NotNullWhen(true)] out TextEncoding? encoding)
    {
        encoding = name is null ? null : new TextEncoding(name);
        if (encoding is { Exists: false })
            encoding = null;
        return encoding is not null;
    }

    /// <summary>The encoding itself.</summary>
    /// <exception cref="DataException">There is none of this name.</exception>
    public Encoding ToEncoding() => Find() ?? throw DataException.UnknownEncoding(_name);

    /// <summary>Takes a name as it is; what reads with it says when there is no such encoding.</summary>
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

using System.Text;

namespace ResidualPrompts.Data.Text;

/// <summary>Encodings by name.</summary>
public static class TextEncodings
{
    /// <summary>Finds an encoding, also the older ones of Windows and DOS.</summary>
    /// <param name="name">A name as in HTTP and HTML: <c>utf-8</c>, <c>latin1</c>, <c>windows-1252</c>.</param>
    /// <exception cref="DataException">There is none of this name.</exception>
    public static Encoding Find(string name) => TryFind(name) ?? throw DataException.UnknownEncoding(name);

    /// <summary>Whether there is an encoding of this name.</summary>
    /// <param name="name">The name.</param>
    public static bool Exists(string name) => TryFind(name) is not null;

    private static Encoding? TryFind(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}

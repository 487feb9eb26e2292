using System.Buffers;

namespace ResidualPrompts.Hub;

/// <summary>What a name that somebody else chose must be like before a file is called so.</summary>
internal static class HubPath
{
    private const int LongestName = 1000;
    private static readonly SearchValues<char> Reserved = SearchValues.Create("\\:*?\"<>|");

    /// <summary>Whether names separated by '/' stay below the folder that they are put in, on any operating system.</summary>
    public static bool IsSafe(string path) =>
        path.Length is > 0 and <= LongestName
        && !path.AsSpan().ContainsAny(Reserved)
        && !path.Any(char.IsControl)
        && Array.TrueForAll(path.Split('/'), part => part is not ("" or "." or "..") && part.Trim() == part && !part.EndsWith('.'));

    /// <summary>Whether it can be the name of a blob: an etag that is one plain word.</summary>
    public static bool IsETag(string etag) =>
        etag.Length is > 0 and <= 128 && etag.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>Whether it is a whole commit hash.</summary>
    public static bool IsCommit(string revision) => revision.Length == 40 && revision.All(char.IsAsciiHexDigitLower);
}

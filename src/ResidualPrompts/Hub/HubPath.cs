using System.Buffers;

namespace ResidualPrompts.Hub;

/// <summary>Rules for names that come from elsewhere, before they become file names.</summary>
internal static class HubPath
{
    private const int LongestName = 1000;
    private static readonly SearchValues<char> Reserved = SearchValues.Create("\\:*?\"<>|");

    /// <summary>Whether a path with '/' stays below its folder, on any operating system.</summary>
    public static bool IsSafe(string path) =>
        path.Length is > 0 and <= LongestName
        && !path.AsSpan().ContainsAny(Reserved)
        && !path.Any(char.IsControl)
        && Array.TrueForAll(path.Split('/'), part => part is not ("" or "." or "..") && part.Trim() == part && !part.EndsWith('.'));

    /// <summary>Whether an etag can be the name of a blob: one plain word.</summary>
    public static bool IsETag(string etag) =>
        etag.Length is > 0 and <= 128 && etag.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_');

    /// <summary>Whether a revision is a full commit hash.</summary>
    public static bool IsCommit(string revision) => revision.Length == 40 && revision.All(char.IsAsciiHexDigitLower);
}

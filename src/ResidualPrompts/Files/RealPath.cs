namespace ResidualPrompts.Files;

/// <summary>Where a path leads after every link in it is followed.</summary>
internal static class RealPath
{
    private const int MostLinks = 40; // as Linux itself

    /// <summary>The path without links. Parts that do not exist are kept.</summary>
    /// <exception cref="IOException">The links form a circle.</exception>
    internal static string Of(string path)
    {
        // Path.GetFullPath removes ".." before links are followed, which gives another file behind a link.
        var absolute = Path.IsPathRooted(path) ? path : Path.Combine(Directory.GetCurrentDirectory(), path);
        var current = Path.GetPathRoot(absolute)!;
        var parts = new Stack<string>();
        Push(parts, absolute[current.Length..]);
        for (var links = 0; parts.TryPop(out var part);)
        {
            if (part == "..")
            {
                current = Path.GetDirectoryName(current) ?? current;
                continue;
            }

            var next = Path.Combine(current, part);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                current = next;
                continue;
            }

            if (++links > MostLinks)
                throw new IOException($"'{path}' has more than {MostLinks} links in it, or they form a circle.");
            if (Path.IsPathRooted(target))
            {
                current = Path.GetPathRoot(target)!;
                target = target[current.Length..];
            }

            Push(parts, target);
        }

        return current;
    }

    /// <summary>Whether a path without links is below a folder without links.</summary>
    internal static bool IsBelow(string path, string folder) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static void Push(Stack<string> parts, string path)
    {
        foreach (var part in path.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse())
        {
            if (part is not ("" or "."))
                parts.Push(part);
        }
    }
}

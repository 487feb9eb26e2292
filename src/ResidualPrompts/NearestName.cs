namespace ResidualPrompts;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestName
{
    /// <summary>The known name with the fewest edits to the given one; null when even that one has too little in common with it.</summary>
    public static string? Of(string name, IEnumerable<string> known)
    {
        var (nearest, distance) = known.Select(candidate => (candidate, Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .DefaultIfEmpty(("", int.MaxValue)).MinBy(pair => pair.Item2);
        return distance <= Math.Max(1, Math.Max(name.Length, nearest.Length) / 2) ? nearest : null;
    }

    /// <summary>The number of characters to add, remove or change (Levenshtein).</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j - 1], above) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}

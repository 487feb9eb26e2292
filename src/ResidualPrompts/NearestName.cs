namespace ResidualPrompts;

/// <summary>Finds the name that a user probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the fewest edits from a name (Levenshtein distance), the first one at a tie.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What exists; at least one.</param>
    public static string Of(string name, IEnumerable<string> candidates) => candidates.MinBy(candidate => Distance(name, candidate))!;

    private static int Distance(string first, string second)
    {
        var row = Enumerable.Range(0, second.Length + 1).ToArray();
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var substituted = diagonal + (first[i - 1] == second[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}

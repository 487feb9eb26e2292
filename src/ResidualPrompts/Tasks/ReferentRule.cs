namespace ResidualPrompts.Tasks;

/// <summary>
/// T5's rule for the Winograd schema challenge (Raffel et al. 2020, section 2.4): whether an answer names the thing that a pronoun is said to
/// refer to.
/// </summary>
internal static class ReferentRule
{
    private static readonly HashSet<string> PassedOver =
    [
        "a", "an", "few", "her", "his", "each", "every", "many", "much", "my", "our", "some", "that", "the", "their", "these", "this",
        "those", "which", "whose", "your",
    ];

    /// <summary>
    /// Compares both texts in lower case, without articles, possessives and the like. True when the words of one are among those of the other,
    /// and either both or neither have an apostrophe.
    /// </summary>
    /// <param name="answer">The answer.</param>
    /// <param name="referent">The thing.</param>
    /// <returns>Null when the answer has no words left, which means neither yes nor no.</returns>
    public static bool? Names(string answer, string referent)
    {
        var said = Words(answer);
        var meant = Words(referent);
        if (said.Count == 0)
            return null;
        return HasApostrophe(said) == HasApostrophe(meant) && (said.IsSubsetOf(meant) || meant.IsSubsetOf(said));
    }

    private static HashSet<string> Words(string text) =>
        [.. text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Where(word => !PassedOver.Contains(word))];

    private static bool HasApostrophe(HashSet<string> words) => words.Any(word => word.Contains('\''));
}

namespace ResidualPrompts.Data;

/// <summary>Data sets that are shipped beside the program and found by name from any folder.</summary>
public static class BundledDataSets
{
    private static string Root => Path.Combine(AppContext.BaseDirectory, "assets", "datasets");

    /// <summary>Names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Root)
        ? [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The folder of a data set, or null when none of that name is bundled.</summary>
    /// <param name="name">A name such as <c>subj</c>.</param>
    public static string? Find(string name) => Names.Contains(name) ? Path.Combine(Root, name) : null;
}

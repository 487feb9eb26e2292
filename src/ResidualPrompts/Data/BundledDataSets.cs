namespace ResidualPrompts.Data;

/// <summary>Data sets that are shipped beside the program and found by name from any folder.</summary>
public static class BundledDataSets
{
    private static string Root => Path.Combine(AppContext.BaseDirectory, "assets", "datasets");

    /// <summary>Names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Root)
        ? [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Where a data set is: the folder of a bundled one by its name, else a folder or a file by its path.</summary>
    /// <param name="nameOrPath">A name such as <c>copa</c>, or a path.</param>
    /// <exception cref="DataException">Neither; the message names what is bundled.</exception>
    public static string Locate(string nameOrPath)
    {
        if (Names.Contains(nameOrPath))
            return Path.Combine(Root, nameOrPath);
        return Path.Exists(nameOrPath) ? nameOrPath : throw DataException.NoSuchData(nameOrPath, Names);
    }
}

namespace ResidualPrompts.Data;

/// <summary>Data sets that ship with the program, found by name from any folder.</summary>
internal static class BundledDataSets
{
    private static string Root => Path.Combine(AppContext.BaseDirectory, "assets", "datasets");

    /// <summary>Their names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Root)
        ? [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Returns the path of a data set: the folder of a bundled one by name, any other folder or file by path.</summary>
    /// <param name="nameOrPath">A name such as <c>copa</c>, or a path.</param>
    /// <exception cref="DataException">It is neither; the message lists the bundled data sets.</exception>
    public static string Locate(string nameOrPath)
    {
        if (Names.Contains(nameOrPath))
            return Path.Combine(Root, nameOrPath);
        return Path.Exists(nameOrPath) ? nameOrPath : throw DataException.NoSuchData(nameOrPath, Names);
    }
}

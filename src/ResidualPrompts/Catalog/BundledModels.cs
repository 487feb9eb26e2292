namespace ResidualPrompts.Catalog;

/// <summary>Models that ship with the program, found by name from any folder.</summary>
internal static class BundledModels
{
    private static string Root => Path.Combine(AppContext.BaseDirectory, "assets", "models");

    /// <summary>Their names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Root)
        ? [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Returns the folder of a model: of a bundled one by name, of any other by path.</summary>
    /// <param name="nameOrFolder">A name such as <c>t5-nano</c>, or a Hugging Face folder.</param>
    /// <exception cref="CatalogException">It is neither; the message lists the bundled models.</exception>
    public static string Locate(string nameOrFolder)
    {
        if (Names.Contains(nameOrFolder))
            return Path.Combine(Root, nameOrFolder);
        return Directory.Exists(nameOrFolder) ? nameOrFolder : throw CatalogException.Of(nameOrFolder, Names);
    }
}

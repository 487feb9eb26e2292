namespace ResidualPrompts.Catalog;

/// <summary>Models that are shipped beside the program and found by name from any folder.</summary>
public static class BundledModels
{
    private static string Root => Path.Combine(AppContext.BaseDirectory, "assets", "models");

    /// <summary>Names, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names => Directory.Exists(Root)
        ? [.. Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The folder of a model: a bundled one by its name, else a folder by its path.</summary>
    /// <param name="nameOrFolder">A name such as <c>t5-nano</c>, or a Hugging Face folder.</param>
    /// <exception cref="CatalogException">Neither; the message names what is bundled.</exception>
    public static string Locate(string nameOrFolder)
    {
        if (Names.Contains(nameOrFolder))
            return Path.Combine(Root, nameOrFolder);
        return Directory.Exists(nameOrFolder) ? nameOrFolder : throw CatalogException.Of(nameOrFolder, Names);
    }
}

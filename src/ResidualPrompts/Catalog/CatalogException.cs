namespace ResidualPrompts.Catalog;

/// <summary>No model of that name or at that path.</summary>
public sealed class CatalogException : InputException
{
    private CatalogException(string message)
        : base(message)
    {
    }

    internal static CatalogException Of(string name, IReadOnlyList<string> bundled) =>
        new(File.Exists(name)
            ? $"No model '{name}': it is a file, expected the folder of a model or a bundled name ({Join(bundled)})."
            : $"No model '{name}': neither a folder nor a bundled name ({Join(bundled)}).");

    private static string Join(IReadOnlyList<string> bundled) => bundled.Count == 0 ? "none is bundled here" : string.Join(", ", bundled);
}

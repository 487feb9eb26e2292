using System.Text.RegularExpressions;

namespace ResidualPrompts.Hub;

/// <summary>A model or a data set on the hub. The hub's oldest names have no owner, such as <c>t5-small</c>, and stay so.</summary>
internal sealed partial record HubRepository
{
    /// <summary>The default branch.</summary>
    public const string DefaultRevision = "main";

    private const int LongestPart = 96;

    private HubRepository(string name, bool isDataSet) => (Name, IsDataSet) = (name, isDataSet);

    /// <summary>NAME or OWNER/NAME.</summary>
    public string Name { get; }

    /// <summary>Whether it is a data set; else a model.</summary>
    public bool IsDataSet { get; }

    /// <summary>Name of its folder in a cache.</summary>
    internal string FolderName => $"{(IsDataSet ? "datasets" : "models")}--{Name.Replace("/", "--", StringComparison.Ordinal)}";

    /// <summary>Its path in a URL.</summary>
    internal string UrlPath => IsDataSet ? $"datasets/{Name}" : Name;

    /// <summary>Returns a model by name.</summary>
    /// <param name="name">NAME or OWNER/NAME.</param>
    /// <exception cref="HubException">The name is not valid on the hub.</exception>
    public static HubRepository Model(string name) => IsName(name) ? new(name, false) : throw HubException.BadName(name);

    /// <summary>Returns a data set by name.</summary>
    /// <param name="name">NAME or OWNER/NAME.</param>
    /// <exception cref="HubException">The name is not valid on the hub.</exception>
    public static HubRepository DataSet(string name) => IsName(name) ? new(name, true) : throw HubException.BadName(name);

    /// <summary>Whether a text is a valid name on the hub.</summary>
    /// <param name="name">Any text.</param>
    public static bool IsName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return NamePattern().IsMatch(name) && !name.Contains("--", StringComparison.Ordinal) && !name.Contains("..", StringComparison.Ordinal)
            && Array.TrueForAll(name.Split('/'), part => part.Length <= LongestPart);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsDataSet ? "The data set" : "The model")} '{Name}'";

    /// <summary>The repository of a cache folder; null when the name is not one.</summary>
    internal static HubRepository? OfFolder(string folderName)
    {
        var parts = folderName.Split("--");
        var name = string.Join('/', parts.Skip(1));
        return parts[0] is "models" or "datasets" && parts.Length is 2 or 3 && IsName(name) ? new(name, parts[0] == "datasets") : null;
    }

    /// <summary>Checks a branch, tag or commit that will be part of a path.</summary>
    /// <exception cref="HubException">It is empty, or could lead out of the cache.</exception>
    internal static string Revision(string? revision)
    {
        revision ??= DefaultRevision;
        return HubPath.IsSafe(revision) && !revision.Any(char.IsWhiteSpace) ? revision : throw HubException.BadRevision(revision);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}

using static System.StringComparison;

namespace ResidualPrompts.Hub;

/// <summary>
/// A name, a revision, a variable or a permission is wrong, the hub lacks a required file, or the hub sent something unsafe.
/// </summary>
public sealed class HubException : InputException
{
    private HubException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static HubException BadName(string name) =>
        new(ProblemKind.Invalid,
            $"'{ShownText.Value(name)}' is not a name on the hub: expected NAME or OWNER/NAME of letters, digits, '-', '_' and '.', "
            + $"at most 96 characters each, without '--' and '..'.");

    internal static HubException BadRevision(string revision) =>
        new(ProblemKind.Invalid, $"'{ShownText.Value(revision)}' is not a revision: expected a branch, a tag, or a commit of 40 hexadecimal digits.");

    internal static HubException BadVariable(string variable, string value, string expected) =>
        new(ProblemKind.Invalid, $"The environment variable {variable} is '{ShownText.Value(value)}', expected {expected}.");

    internal static HubException BadToken(string source) =>
        new(ProblemKind.Invalid, $"The token from {source} is not a token: expected one line of printable ASCII characters without blanks.");

    internal static HubException NotFound(HubRepository repository, Uri url, bool hasToken) =>
        new(ProblemKind.Missing,
            $"{repository} was not found at {url.GetLeftPart(UriPartial.Authority)}: it does not exist, or it is private. "
            + $"{(hasToken ? "Check the name, and that your token may read it." : "Check the name, or set HF_TOKEN for a private one.")}");

    internal static HubException NoRevision(HubRepository repository, string revision) =>
        new(ProblemKind.Missing, $"{repository} has no revision '{revision}': expected one of its branches, tags or commits.");

    internal static HubException NoAccess(HubRepository repository, bool isGated, bool hasToken) =>
        new(ProblemKind.Inaccessible,
            $"The hub refuses access to {repository}{(isGated ? ", whose terms must be accepted on its page first" : "")}. "
            + $"{(hasToken ? "Check that your token is valid and may read it." : "Set HF_TOKEN to a token that may read it.")}");

    internal static HubException MissingFile(HubRepository repository, string revision, IEnumerable<string> expected) =>
        new(ProblemKind.Missing, $"{repository} at '{revision}' holds no {string.Join(" or ", expected)}, so it is not what this program can use.");

    internal static HubException NotCached(HubRepository repository, string revision, string cache, string? missing = null) =>
        new(ProblemKind.Missing, $"{repository} at '{revision}' is {(missing is null ? "not" : "only in part")} in the cache '{cache}'"
            + $"{(missing is null ? "" : $" ({missing} is missing)")}, and nothing may be downloaded (HF_HUB_OFFLINE).")
        {
            Remedies = [new Remedy.Download(repository.Name, revision == HubRepository.DefaultRevision ? null : revision, repository.IsDataSet)],
        };

    internal static HubException UnsafeName(HubRepository repository, string name) =>
        new(ProblemKind.Unsupported, $"{repository} names the file '{Shown(name)}', which could lead out of the cache: it is refused.");

    internal static HubException BadAnswer(Uri url, string what, string expected, string found) =>
        new(ProblemKind.Damaged,
            $"{url.GetLeftPart(UriPartial.Path)} did not answer as a hub: {what}: expected {expected}, found {Shown(found)}. Check HF_ENDPOINT.");

    internal static HubException CannotWrite(string cache, Exception inner) =>
        new(ProblemKind.Inaccessible,
            $"Cannot write to the cache '{cache}': {inner.Message.TrimEnd('.')}. Set HF_HUB_CACHE to a folder that can be written.", inner);

    internal static HubException NoSpace(string cache, long needed, long available) =>
        new(ProblemKind.Inaccessible,
            $"The cache '{cache}' lacks space: expected {needed} bytes, found {available}. Set HF_HUB_CACHE to another disk.");

    internal static HubException NoConfiguration(HubRepository repository, string? configuration, IEnumerable<string> found) =>
        configuration is null
            ? new(ProblemKind.Missing,
                $"{repository} holds several data sets: name one, as in '{repository.Name}:{found.First()}'. Found {string.Join(", ", found)}.")
            : new(ProblemKind.Missing, $"{repository} holds no data set '{configuration}': "
                + $"expected one of {string.Join(", ", found.DefaultIfEmpty("(none in Parquet, JSON Lines, CSV or TSV)"))}.");

    private static string Shown(string text) =>
        string.Concat(text.Length <= 120 ? text : text[..120] + "…").Replace("\n", "\\n", Ordinal).Replace("\r", "\\r", Ordinal);
}

using System.Globalization;

namespace ResidualPrompts.Hub.Download;

/// <summary>The hub could not be reached, or received data does not match its metadata. The request was right; a retry may succeed.</summary>
public sealed class HubTransferException : Exception
{
    private HubTransferException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    internal static HubTransferException Unreachable(Uri url, Exception inner) =>
        new(
            $"{url.GetLeftPart(UriPartial.Authority)} cannot be reached: {Reason(inner)}. "
            + "Try again, or use the cache with HF_HUB_OFFLINE=1.",
            inner);

    internal static HubTransferException Status(Uri url, int status, TimeSpan? retryAfter) =>
        new($"{url.GetLeftPart(UriPartial.Path)} answered {status}{(status == 429 ? " (too many requests)" : "")} again and again. " +
            (retryAfter is { } wait
                ? string.Create(CultureInfo.InvariantCulture, $"It asks to wait {wait.TotalSeconds:0} seconds.")
                : "Try again later."), null);

    internal static HubTransferException Interrupted(string file, long received, long? expected, Exception? inner) =>
        new($"The download of '{file}' broke off again and again: " +
            $"expected {expected?.ToString(CultureInfo.InvariantCulture) ?? "more"} bytes, " +
            $"received {received}{(inner is null ? "" : $" ({Reason(inner)})")}. " +
            "Run the same command again: it continues where this one stopped.", inner);

    internal static HubTransferException WrongDigest(string file, string expected, string found) =>
        new($"What arrived as '{file}' is damaged: expected the digest {expected}, found {found}. It was deleted; try again.", null);

    internal static HubTransferException WrongSize(string file, long expected, long found) =>
        new($"What arrived as '{file}' is damaged: expected {expected} bytes, found {found}. It was deleted; try again.", null);

    private static string Reason(Exception exception) => (exception.InnerException ?? exception).Message.Split('\n')[0].TrimEnd('.');
}

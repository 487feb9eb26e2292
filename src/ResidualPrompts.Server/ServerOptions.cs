using System.Net;

namespace ResidualPrompts.Server;

/// <summary>Options of a <see cref="PromptServer"/>: what it serves, and where it listens.</summary>
public sealed record ServerOptions
{
    /// <summary>The model, the prompts and the limits.</summary>
    public required PromptServingOptions Serving { get; init; }

    /// <summary>
    /// The address to listen on: an IP address of this machine or <c>localhost</c>. Default 127.0.0.1, which is reachable only from this machine.
    /// </summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on, 0 to 65,535; 0 chooses a free one. Default 8080.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Whether to allow an address that other machines can reach without API keys. Default false.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>How long a shutdown waits for accepted requests to finish, 0 to 86,400 seconds. Default 30.</summary>
    public int ShutdownSeconds { get; init; } = 30;

    /// <summary>Names of the settings in messages.</summary>
    internal SettingNames Names { get; init; } = SettingNames.Properties;

    /// <summary>Whether the address is reachable only from this machine.</summary>
    internal bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Checks the options without reading files.</summary>
    /// <exception cref="ServerException">An option is invalid; the message lists all problems.</exception>
    internal void Check()
    {
        string?[] problems =
        [
            Names.OutOfRange(nameof(Port), Port, 0, 65535),
            .. Serving.Problems(Names),
            Names.OutOfRange(nameof(ShutdownSeconds), ShutdownSeconds, 0, 86400),
            HostProblem(),
        ];
        if (problems.OfType<string>().ToArray() is { Length: > 0 } found)
            throw ServerException.Options(found);
    }

    private string? HostProblem()
    {
        if (Host != "localhost" && !IPAddress.TryParse(Host, out _))
            return $"{Names[nameof(Host)]} is '{Host}', expected an IP address of this machine or localhost";
        return IsLoopback || Serving.KeysFile is not null || AllowAnonymous ? null
            : $"{Names[nameof(Host)]} {Host} can be reached from other machines: give {Names.Usage(nameof(Serving.KeysFile))}, "
                + $"or set {Names[nameof(AllowAnonymous)]} if everybody may use it";
    }
}

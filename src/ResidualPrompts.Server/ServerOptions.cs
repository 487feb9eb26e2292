using System.Net;

namespace ResidualPrompts.Server;

/// <summary>What is served, and where a <see cref="PromptServer"/> listens.</summary>
public sealed record ServerOptions
{
    /// <summary>What is served, and within which limits.</summary>
    public required PromptServingOptions Serving { get; init; }

    /// <summary>
    /// The address to listen on, an IP address of this machine or <c>localhost</c>. Default 127.0.0.1, which only this machine can reach.
    /// </summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on, 0 to 65,535; 0 takes any free one. Default 8080.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Whether an address that others can reach may be listened on without keys. Default false.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>How long a shutdown waits for the requests that were taken, 0 to 86,400 seconds. Default 30.</summary>
    public int ShutdownSeconds { get; init; } = 30;

    /// <summary>What messages call the settings.</summary>
    internal SettingNames Names { get; init; } = SettingNames.Properties;

    /// <summary>Whether only this machine can reach the address.</summary>
    internal bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Checks everything that can be checked without a file.</summary>
    /// <exception cref="ServerException">Something is out of its range; the message names all that is.</exception>
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
                + $"or say {Names[nameof(AllowAnonymous)]} if everybody may use it";
    }
}

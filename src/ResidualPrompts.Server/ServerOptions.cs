using System.Globalization;
using System.Net;

namespace ResidualPrompts.Server;

/// <summary>Everything that can be set about the server, with its defaults.</summary>
public sealed record ServerOptions
{
    /// <summary>A bundled model's name, a Hugging Face folder, or a run directory or its <c>model</c> folder.</summary>
    public required string Model { get; init; }

    /// <summary>The directory whose adapter directories are the prompts; null = the backbone alone.</summary>
    public string? Prompts { get; init; }

    /// <summary>The directory whose run directories the page shows; null = none.</summary>
    public string? Runs { get; init; }

    /// <summary>The address to listen on.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen on; 0 = any free one.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>File of API keys, one a line; null = no keys are asked for.</summary>
    public string? KeysFile { get; init; }

    /// <summary>Whether an address that others can reach may be listened on without keys.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Whether a prompt of another backbone or tokenizer is served with a warning.</summary>
    public bool AllowMismatch { get; init; }

    /// <summary>Whether the log holds the inputs.</summary>
    public bool LogInputs { get; init; }

    /// <summary>Most bytes of a request's body.</summary>
    public int MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>Most rows of a request: inputs times prompts.</summary>
    public int MaxRows { get; init; } = 256;

    /// <summary>Most tokens of a row, the prompt's included.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>Most labels of a request, and most tokens of all of them together is 16 times that.</summary>
    public int MaxLabels { get; init; } = 64;

    /// <summary>Most new tokens of a generated row.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Most rows that wait.</summary>
    public int QueueRows { get; init; } = 1024;

    /// <summary>Most rows of a batch.</summary>
    public int BatchRows { get; init; } = 64;

    /// <summary>Most tokens of a batch, padding included; a longer row is a batch of its own.</summary>
    public int BatchTokens { get; init; } = 4096;

    /// <summary>How long a row waits at most for others to share its batch while nothing else is computed.</summary>
    public int BatchDelayMilliseconds { get; init; } = 3;

    /// <summary>How long a request may take.</summary>
    public int TimeoutSeconds { get; init; } = 30;

    /// <summary>How long a shutdown waits for the requests that were taken.</summary>
    public int ShutdownSeconds { get; init; } = 30;

    /// <summary>Whether only this machine can reach the address.</summary>
    internal bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>Checks everything that can be checked without a file.</summary>
    /// <exception cref="ServerException">Something is out of its range; the message names all that is.</exception>
    internal void Check()
    {
        var problems = new List<(string Property, string Text)>();
        Remedy[] remedies = [];
        void InRange(string property, long value, long least, long most)
        {
            if (value < least || value > most)
                problems.Add((property, string.Create(CultureInfo.InvariantCulture, $"is {value}, expected {least} to {most}")));
        }

        InRange(nameof(Port), Port, 0, 65535);
        InRange(nameof(MaxBodyBytes), MaxBodyBytes, 1, 1 << 30);
        InRange(nameof(MaxRows), MaxRows, 1, QueueRows);
        InRange(nameof(MaxTokens), MaxTokens, 1, 1 << 20);
        InRange(nameof(MaxLabels), MaxLabels, 1, 1 << 16);
        InRange(nameof(MaxNewTokens), MaxNewTokens, 1, 4096);
        InRange(nameof(QueueRows), QueueRows, 1, 1 << 20);
        InRange(nameof(BatchRows), BatchRows, 1, 4096);
        InRange(nameof(BatchTokens), BatchTokens, 1, 1 << 24);
        InRange(nameof(BatchDelayMilliseconds), BatchDelayMilliseconds, 0, 1000);
        InRange(nameof(TimeoutSeconds), TimeoutSeconds, 1, 86400);
        InRange(nameof(ShutdownSeconds), ShutdownSeconds, 0, 86400);
        if (Host != "localhost" && !IPAddress.TryParse(Host, out _))
            {
            problems.Add((nameof(Host), $"is '{Host}', expected an IP address of this machine or localhost"));
        }
        else if (!IsLoopback && KeysFile is null && !AllowAnonymous)
        {
            problems.Add((nameof(Host), $"{Host} can be reached from other machines"));
            remedies = [new Remedy.SetSetting(nameof(KeysFile), Hint: "a file of keys"), new Remedy.SetSetting(nameof(AllowAnonymous), "true", "everybody may use it")];
        }

        if (problems.Count > 0)
            throw ServerException.Options(problems, remedies);
    }
}

using Microsoft.Extensions.Logging;

namespace ResidualPrompts.Server;

/// <summary>The loggers for serving.</summary>
/// <param name="factory">The host's factory.</param>
/// <param name="prefix">Prefix of the categories.</param>
internal sealed class ServingLog(ILoggerFactory factory, string prefix)
{
    /// <summary>Prefix that distinguishes the categories from those of the surrounding app.</summary>
    internal const string Prefix = "ResidualPrompts.Server.";

    internal ILogger Requests { get; } = factory.CreateLogger(prefix + "requests");

    internal ILogger Batches { get; } = factory.CreateLogger(prefix + "batches");

    internal ILogger Prompts { get; } = factory.CreateLogger(prefix + "prompts");

    internal ILogger Keys { get; } = factory.CreateLogger(prefix + "keys");

    internal ILogger Inputs { get; } = factory.CreateLogger(prefix + "inputs");
}

using Microsoft.Extensions.Logging;

namespace ResidualPrompts.Server;

/// <summary>The loggers of the serving.</summary>
/// <param name="factory">The host's.</param>
/// <param name="prefix">What their categories begin with.</param>
internal sealed class ServingLog(ILoggerFactory factory, string prefix)
{
    /// <summary>What tells the categories from those of the app around it.</summary>
    internal const string Prefix = "ResidualPrompts.Server.";

    internal ILogger Requests { get; } = factory.CreateLogger(prefix + "requests");

    internal ILogger Batches { get; } = factory.CreateLogger(prefix + "batches");

    internal ILogger Prompts { get; } = factory.CreateLogger(prefix + "prompts");

    internal ILogger Inputs { get; } = factory.CreateLogger(prefix + "inputs");
}

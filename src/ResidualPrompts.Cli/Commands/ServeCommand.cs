using System.CommandLine;
using ResidualPrompts.Cli.LoadTesting;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Runs;
using ResidualPrompts.Server;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>serve</c>: one model and a directory of prompts over HTTP.</summary>
internal static class ServeCommand
{
    private const int LoadTestClients = 64;
    private const int MaxLoadTestRequests = 1_000_000;
    private static readonly ServerOptions Defaults = new() { Model = "" };

    /// <summary>The option that sets a property of <see cref="ServerOptions"/>.</summary>
    internal static IReadOnlyDictionary<string, string> OptionNames { get; } = new Dictionary<string, string>
    {
        [nameof(ServerOptions.Model)] = "--model",
        [nameof(ServerOptions.Prompts)] = "--prompts",
        [nameof(ServerOptions.Runs)] = "--runs",
        [nameof(ServerOptions.Host)] = "--host",
        [nameof(ServerOptions.Port)] = "--port",
        [nameof(ServerOptions.KeysFile)] = "--api-keys",
        [nameof(ServerOptions.AllowAnonymous)] = "--allow-anonymous",
        [nameof(ServerOptions.AllowMismatch)] = "--allow-mismatch",
        [nameof(ServerOptions.MaxBodyBytes)] = "--max-body",
        [nameof(ServerOptions.MaxRows)] = "--max-rows",
        [nameof(ServerOptions.MaxTokens)] = "--max-tokens",
        [nameof(ServerOptions.MaxLabels)] = "--max-labels",
        [nameof(ServerOptions.MaxNewTokens)] = "--max-new-tokens",
        [nameof(ServerOptions.QueueRows)] = "--queue",
        [nameof(ServerOptions.BatchRows)] = "--batch-rows",
        [nameof(ServerOptions.BatchTokens)] = "--batch-tokens",
        [nameof(ServerOptions.BatchDelayMilliseconds)] = "--batch-delay",
        [nameof(ServerOptions.TimeoutSeconds)] = "--timeout",
        [nameof(ServerOptions.ShutdownSeconds)] = "--shutdown-timeout",
        [nameof(ServerOptions.LogInputs)] = "--log-inputs",
    };

    internal static Command Create()
    {
        var command = new Command("serve", "Serve a model with many prompts over HTTP, with a page at /.");
        var model = Add(command, SharedOptions.Model());
        var prompts = Add(command, new Option<string?>("--prompts") { Description = "Directory whose adapter directories (or run directories) are the prompts; it is watched. Default: the model alone, as prompt 'none'.", HelpName = "DIR" });
        var runs = Add(command, new Option<string?>("--runs") { Description = "Directory whose runs the page shows.", HelpName = "DIR" });
        var host = Add(command, new Option<string?>("--host") { Description = $"Address to listen on. Default: {Defaults.Host}, which only this machine can reach.", HelpName = "ADDRESS" });
        var port = Number(command, "--port", "Port to listen on; 0 takes any free one.", "N", Defaults.Port);
        var keys = Add(command, new Option<string?>("--api-keys") { Description = "File of API keys, one a line: every request needs one.", HelpName = "FILE" });
        var anonymous = Add(command, new Option<bool>("--allow-anonymous") { Description = "Listen on an address that others can reach, without keys." });
        var mismatch = Add(command, SharedOptions.AllowMismatch());
        var body = Number(command, "--max-body", "Most bytes of a request (413).", "BYTES", Defaults.MaxBodyBytes);
        var rows = Number(command, "--max-rows", "Most rows of a request, inputs times prompts (400).", "N", Defaults.MaxRows);
        var tokens = Number(command, "--max-tokens", "Most tokens of a row, the prompt's included; longer ones are refused, never cut (400).", "N", Defaults.MaxTokens);
        var labels = Number(command, "--max-labels", "Most labels of a request (400).", "N", Defaults.MaxLabels);
        var newTokens = Number(command, "--max-new-tokens", "Most generated tokens of a row (400).", "N", Defaults.MaxNewTokens);
        var queue = Number(command, "--queue", "Most rows that wait (429).", "N", Defaults.QueueRows);
        var batchRows = Number(command, "--batch-rows", "Most rows of a batch.", "N", Defaults.BatchRows);
        var batchTokens = Number(command, "--batch-tokens", "Most tokens of a batch, padding included.", "N", Defaults.BatchTokens);
        var delay = Number(command, "--batch-delay", "How long an idle server waits for rows to share a batch.", "MILLISECONDS", Defaults.BatchDelayMilliseconds);
        var timeout = Number(command, "--timeout", "How long a request may take (504).", "SECONDS", Defaults.TimeoutSeconds);
        var shutdown = Number(command, "--shutdown-timeout", "How long a shutdown waits for the answers to requests that were taken.", "SECONDS", Defaults.ShutdownSeconds);
        var logInputs = Add(command, new Option<bool>("--log-inputs") { Description = "Write the inputs into the log, which otherwise never holds them." });
        var loadTest = Add(command, new Option<int?>("--load-test") { Description = "Do not serve: measure N requests of 64 clients with 8 random prompts on this machine, and print the figures.", HelpName = "N" });
        command.SetAction(parsed => Run(parsed.GetValue(loadTest), new ServerOptions
        {
            Model = Fetched(parsed, parsed.GetValue(model)!),
            Prompts = parsed.GetValue(prompts),
            Runs = parsed.GetValue(runs),
            Host = parsed.GetValue(host) ?? Defaults.Host,
            Port = parsed.GetValue(port) ?? Defaults.Port,
            KeysFile = parsed.GetValue(keys),
            AllowAnonymous = parsed.GetValue(anonymous),
            AllowMismatch = parsed.GetValue(mismatch),
            MaxBodyBytes = parsed.GetValue(body) ?? Defaults.MaxBodyBytes,
            MaxRows = parsed.GetValue(rows) ?? Math.Min(Defaults.MaxRows, parsed.GetValue(queue) ?? Defaults.QueueRows),
            MaxTokens = parsed.GetValue(tokens) ?? Defaults.MaxTokens,
            MaxLabels = parsed.GetValue(labels) ?? Defaults.MaxLabels,
            MaxNewTokens = parsed.GetValue(newTokens) ?? Defaults.MaxNewTokens,
            QueueRows = parsed.GetValue(queue) ?? Defaults.QueueRows,
            BatchRows = parsed.GetValue(batchRows) ?? Defaults.BatchRows,
            BatchTokens = parsed.GetValue(batchTokens) ?? Defaults.BatchTokens,
            BatchDelayMilliseconds = parsed.GetValue(delay) ?? Defaults.BatchDelayMilliseconds,
            TimeoutSeconds = parsed.GetValue(timeout) ?? Defaults.TimeoutSeconds,
            ShutdownSeconds = parsed.GetValue(shutdown) ?? Defaults.ShutdownSeconds,
            LogInputs = parsed.GetValue(logInputs),
        }));
        return command;
    }

    /// <summary>The name of the model, which is on this machine then if it is anywhere.</summary>
    private static string Fetched(ParseResult parsed, string model)
    {
        _ = HubAccess.Locate(parsed, RunDirectory.ModelIn(model), revision: null);
        return model;
    }

    private static TOption Add<TOption>(Command command, TOption option)
        where TOption : Option
    {
        command.Options.Add(option);
        return option;
    }

    private static Option<int?> Number(Command command, string name, string description, string unit, int standard) =>
        Add(command, new Option<int?>(name) { Description = $"{description} Default: {standard}.", HelpName = unit });

    private static int Run(int? loadTest, ServerOptions options)
    {
        if (loadTest is < LoadTestClients or > MaxLoadTestRequests)
            throw new UsageException($"--load-test is {loadTest}, expected {LoadTestClients} to {MaxLoadTestRequests} requests.");
        using var stop = new StopSignals();
        return (loadTest is { } requests ? MeasureAsync(options, requests, stop) : ServeAsync(options, stop)).GetAwaiter().GetResult();
    }

    private static async Task<int> MeasureAsync(ServerOptions options, int requests, StopSignals stop)
    {
        try
        {
            var figures = await new LoadTest(options, LoadTestClients, requests).RunAsync(Console.Error.WriteLine, stop.Token);
            Console.WriteLine(figures.ToJsonString());
            return ExitCode.Good;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
    }

    private static async Task<int> ServeAsync(ServerOptions options, StopSignals stop)
    {
        try
        {
            await using var server = await PromptServer.StartAsync(options, stop.Token);
            Console.Error.WriteLine($"Serving {options.Model} with {string.Join(", ", server.PromptNames)} on {server.Address}");
            await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Console.Error.WriteLine("Stopping: requests that were taken are answered. Ctrl-C again ends at once.");
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
        }

        return stop.WasInterrupt ? ExitCode.Interrupted : ExitCode.Good;
    }
}

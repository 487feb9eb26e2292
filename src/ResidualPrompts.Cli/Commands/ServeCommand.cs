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
    private static readonly PromptServingOptions Defaults = new();
    private static readonly ServerOptions HostDefaults = new() { Serving = Defaults };

    internal static Command Create()
    {
        var command = new Command("serve", "Serve a model with many prompts over HTTP, with a page at /.");
        var settings = new Dictionary<string, Option>(); // by the property that each sets: messages of the server name the option
        TOption Setting<TOption>(string property, TOption option)
            where TOption : Option
        {
            settings.Add(property, option);
            command.Options.Add(option);
            return option;
        }

        Option<int?> Number(string property, string name, string description, string unit, int standard) =>
            Setting(property, new Option<int?>(name) { Description = $"{description} Default: {standard}.", HelpName = unit });

        var model = Setting(nameof(PromptServingOptions.Model), SharedOptions.Model());
        var prompts = Setting(nameof(PromptServingOptions.Prompts),
            new Option<string?>("--prompts")
            {
                Description = "Directory whose adapter directories (or run directories) are the prompts; it is watched. "
                    + "Default: the model alone, as prompt 'none'.",
                HelpName = "DIR",
            });
        var runs = Setting(nameof(PromptServingOptions.Runs),
            new Option<string?>("--runs") { Description = "Directory whose runs the page shows.", HelpName = "DIR" });
        var host = Setting(nameof(ServerOptions.Host),
            new Option<string?>("--host")
            {
                Description = $"Address to listen on. Default: {HostDefaults.Host}, which only this machine can reach.",
                HelpName = "ADDRESS",
            });
        var port = Number(nameof(ServerOptions.Port), "--port", "Port to listen on; 0 takes any free one.", "N", HostDefaults.Port);
        var keys = Setting(nameof(PromptServingOptions.KeysFile),
            new Option<string?>("--api-keys") { Description = "File of API keys, one a line: every request needs one.", HelpName = "FILE" });
        var anonymous = Setting(nameof(ServerOptions.AllowAnonymous),
            new Option<bool>("--allow-anonymous") { Description = "Listen on an address that others can reach, without keys." });
        var mismatch = Setting(nameof(PromptServingOptions.AllowMismatch), SharedOptions.AllowMismatch());
        var body = Number(nameof(PromptServingOptions.MaxBodyBytes), "--max-body", "Most bytes of a request (413).", "BYTES", Defaults.MaxBodyBytes);
        var rows = Number(nameof(PromptServingOptions.MaxRows), "--max-rows", "Most rows of a request, inputs times prompts (400).", "N",
            Defaults.MaxRows);
        var tokens = Number(nameof(PromptServingOptions.MaxTokens), "--max-tokens",
            "Most tokens of a row, the prompt's included; longer ones are refused, never cut (400).", "N", Defaults.MaxTokens);
        var labels = Number(nameof(PromptServingOptions.MaxLabels), "--max-labels", "Most labels of a request (400).", "N", Defaults.MaxLabels);
        var newTokens = Number(nameof(PromptServingOptions.MaxNewTokens), "--max-new-tokens", "Most generated tokens of a row (400).", "N",
            Defaults.MaxNewTokens);
        var queue = Number(nameof(PromptServingOptions.QueueRows), "--queue", "Most rows that wait (429).", "N", Defaults.QueueRows);
        var batchRows = Number(nameof(PromptServingOptions.BatchRows), "--batch-rows", "Most rows of a batch.", "N", Defaults.BatchRows);
        var batchTokens = Number(nameof(PromptServingOptions.BatchTokens), "--batch-tokens", "Most tokens of a batch, padding included.", "N",
            Defaults.BatchTokens);
        var delay = Number(nameof(PromptServingOptions.BatchDelayMilliseconds), "--batch-delay",
            "How long an idle server waits for rows to share a batch.", "MILLISECONDS", Defaults.BatchDelayMilliseconds);
        var timeout = Number(nameof(PromptServingOptions.TimeoutSeconds), "--timeout", "How long a request may take (504).", "SECONDS",
            Defaults.TimeoutSeconds);
        var shutdown = Number(nameof(ServerOptions.ShutdownSeconds), "--shutdown-timeout",
            "How long a shutdown waits for the answers to requests that were taken.", "SECONDS", HostDefaults.ShutdownSeconds);
        var logInputs = Setting(nameof(PromptServingOptions.LogInputs),
            new Option<bool>("--log-inputs") { Description = "Write the inputs into the log, which otherwise never holds them." });
        var loadTest = new Option<int?>("--load-test")
        {
            Description = "Do not serve: measure N requests of 64 clients with 8 random prompts on this machine, and print the figures.",
            HelpName = "N",
        };
        command.Options.Add(loadTest);
        command.SetAction(parsed => Run(parsed.GetValue(loadTest), new ServerOptions
        {
            Serving = new PromptServingOptions
            {
                Model = Fetched(parsed, parsed.GetValue(model)!),
                Prompts = parsed.GetValue(prompts),
                Runs = parsed.GetValue(runs),
                KeysFile = parsed.GetValue(keys),
                AllowMismatch = parsed.GetValue(mismatch),
                LogInputs = parsed.GetValue(logInputs),
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
            },
            Host = parsed.GetValue(host) ?? HostDefaults.Host,
            Port = parsed.GetValue(port) ?? HostDefaults.Port,
            AllowAnonymous = parsed.GetValue(anonymous),
            ShutdownSeconds = parsed.GetValue(shutdown) ?? HostDefaults.ShutdownSeconds,
            Names = new SettingNames(
                property => settings[property].Name,
                property => $"{settings[property].Name} {settings[property].HelpName}".TrimEnd()),
        }));
        return command;
    }

    /// <summary>The name of the model, which is on this machine then if it is anywhere.</summary>
    private static string Fetched(ParseResult parsed, string model)
    {
        _ = HubAccess.Locate(parsed, RunDirectory.ModelIn(model), revision: null);
        return model;
    }

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
            Console.Error.WriteLine($"Serving {options.Serving.Model} with {string.Join(", ", server.PromptNames)} on {server.Address}");
            await Task.Delay(Timeout.Infinite, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Console.Error.WriteLine("Stopping: requests that were taken are answered. Ctrl-C again ends at once.");
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
        }

        return stop.WasInterrupt ? ExitCode.Interrupted : ExitCode.Good;
    }
}

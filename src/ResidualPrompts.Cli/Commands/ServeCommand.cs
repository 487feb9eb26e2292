using System.CommandLine;
using ResidualPrompts.Cli.LoadTesting;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Runs;
using ResidualPrompts.Server;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>serve</c>: serves one model and a directory of prompts over HTTP.</summary>
internal static class ServeCommand
{
    private const int LoadTestClients = 64;
    private const int MaxLoadTestRequests = 1_000_000;
    private static readonly PromptServingOptions Defaults = new();
    private static readonly ServerOptions HostDefaults = new() { Serving = Defaults };

    internal static Command Create()
    {
        var command = new Command("serve", "Serve a model with many prompts over HTTP, with a web page at /. With --runs alone, only show runs.");
        var settings = new Dictionary<string, Option>(); // property -> option, because messages of the server name the option
        TOption Setting<TOption>(string property, TOption option)
            where TOption : Option
        {
            settings.Add(property, option);
            command.Options.Add(option);
            return option;
        }

        Option<int?> Number(string property, string name, string description, string unit, int standard) =>
            Setting(property, new Option<int?>(name) { Description = $"{description} Default: {standard}.", HelpName = unit });

        var model = Setting(nameof(PromptServingOptions.Model), SharedOptions.OptionalModel("Not needed with --runs alone."));
        var prompts = Setting(nameof(PromptServingOptions.Prompts),
            new Option<string?>("--prompts")
            {
                Description = "Directory of adapter directories, run directories and studies to serve as prompts, or a study; changes are picked up. "
                    + "The runs of a study answer together. Default: only the model without a prompt, named 'none'.",
                HelpName = "DIR",
            });
        var seed = Setting(nameof(PromptServingOptions.Seed),
            new Option<long?>("--seed") { Description = "Of each study, serve the run with this seed alone.", HelpName = "N" });
        var runs = Setting(nameof(PromptServingOptions.Runs),
            new Option<string?>("--runs") { Description = "Directory of runs to show on the web page.", HelpName = "DIR" });
        var host = Setting(nameof(ServerOptions.Host),
            new Option<string?>("--host")
            {
                Description = $"Address to listen on. Default: {HostDefaults.Host}, which is reachable only from this machine.",
                HelpName = "ADDRESS",
            });
        var port = Number(nameof(ServerOptions.Port), "--port", "Port to listen on; 0 chooses a free one.", "N", HostDefaults.Port);
        var keys = Setting(nameof(PromptServingOptions.KeysFile),
            new Option<string?>("--api-keys") { Description = "File of API keys, one per line; every request then needs one.", HelpName = "FILE" });
        var anonymous = Setting(nameof(ServerOptions.AllowAnonymous),
            new Option<bool>("--allow-anonymous") { Description = "Allow an address that other machines can reach without API keys." });
        var mismatch = Setting(nameof(PromptServingOptions.AllowMismatch), SharedOptions.AllowMismatch());
        var body = Number(nameof(PromptServingOptions.MaxBodyBytes), "--max-body", "Maximum size of a request body (else 413).", "BYTES",
            Defaults.MaxBodyBytes);
        var rows = Number(nameof(PromptServingOptions.MaxRows), "--max-rows", "Maximum rows per request, inputs times prompts (else 400).", "N",
            Defaults.MaxRows);
        var tokens = Number(nameof(PromptServingOptions.MaxTokens), "--max-tokens",
            "Maximum tokens per row, prompt included; longer rows are rejected, never truncated (else 400).", "N", Defaults.MaxTokens);
        var labels = Number(nameof(PromptServingOptions.MaxLabels), "--max-labels", "Maximum labels per request (else 400).", "N",
            Defaults.MaxLabels);
        var newTokens = Number(nameof(PromptServingOptions.MaxNewTokens), "--max-new-tokens", "Maximum generated tokens per row (else 400).", "N",
            Defaults.MaxNewTokens);
        var queue = Number(nameof(PromptServingOptions.QueueRows), "--queue", "Maximum rows waiting (else 429).", "N", Defaults.QueueRows);
        var batchRows = Number(nameof(PromptServingOptions.BatchRows), "--batch-rows", "Maximum rows per batch.", "N", Defaults.BatchRows);
        var batchTokens = Number(nameof(PromptServingOptions.BatchTokens), "--batch-tokens", "Maximum tokens per batch, padding included.", "N",
            Defaults.BatchTokens);
        var delay = Number(nameof(PromptServingOptions.BatchDelayMilliseconds), "--batch-delay",
            "How long an idle server waits for more rows to fill a batch.", "MILLISECONDS", Defaults.BatchDelayMilliseconds);
        var timeout = Number(nameof(PromptServingOptions.TimeoutSeconds), "--timeout", "Time limit of a request (else 504).", "SECONDS",
            Defaults.TimeoutSeconds);
        var shutdown = Number(nameof(ServerOptions.ShutdownSeconds), "--shutdown-timeout",
            "How long a shutdown waits for accepted requests to finish.", "SECONDS", HostDefaults.ShutdownSeconds);
        var logInputs = Setting(nameof(PromptServingOptions.LogInputs),
            new Option<bool>("--log-inputs") { Description = "Log the input texts, which are otherwise never logged." });
        var loadTest = new Option<int?>("--load-test")
        {
            Description = "Do not serve; instead measure N requests from 64 clients to 8 random prompts on this machine, and print the results.",
            HelpName = "N",
        };
        command.Options.Add(loadTest);
        command.SetAction(parsed => Run(parsed, parsed.GetValue(loadTest), new ServerOptions
        {
            Serving = new PromptServingOptions
            {
                Model = parsed.GetValue(model) ?? "",
                Prompts = parsed.GetValue(prompts),
                Seed = parsed.GetValue(seed),
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

    private static int Run(ParseResult parsed, int? loadTest, ServerOptions options)
    {
        if (loadTest is < LoadTestClients or > MaxLoadTestRequests)
            throw new UsageException($"--load-test is {loadTest}, expected {LoadTestClients} to {MaxLoadTestRequests} requests.");
        if (loadTest is not null && options.Serving.Model.Length == 0)
            throw new UsageException($"--load-test needs --model.");
        options.Check();
        if (options.Serving.Model is { Length: > 0 } model)
            _ = HubAccess.Locate(parsed, RunDirectory.ModelIn(model), revision: null);
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
            Console.Error.WriteLine("Stopped before the load test ended.");
            return ExitCode.Interrupted;
        }
    }

    private static async Task<int> ServeAsync(ServerOptions options, StopSignals stop)
    {
        try
        {
            await using var server = await PromptServer.StartAsync(options, stop.Token);
            Console.Error.WriteLine(options.Serving.Model.Length == 0
                ? $"Showing the runs in {ShownText.Value(options.Serving.Runs!)} on {server.Address}"
                : $"Serving {options.Serving.Model} with "
                    + $"{string.Join(", ", server.PromptNames.Select(name => ShownText.Value(name)))} on {server.Address}");
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, server.Stopping);
            await Task.Delay(Timeout.Infinite, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stop.Token.IsCancellationRequested)
            {
                Console.Error.WriteLine("error: The server stopped by itself; its log above says why.");
                return ExitCode.Failed;
            }

            Console.Error.WriteLine("Stopping after the accepted requests are answered. To stop immediately, press Ctrl-C again after "
                + $"{SignalCount.OneRequest.TotalSeconds:0} seconds.");
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // while it started
        }

        Console.Error.WriteLine("Stopped.");
        return stop.WasInterrupt ? ExitCode.Interrupted : ExitCode.Good;
    }
}

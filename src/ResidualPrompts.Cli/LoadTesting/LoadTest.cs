using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using ResidualPrompts.Server;

namespace ResidualPrompts.Cli.LoadTesting;

/// <summary>
/// Load test of a server with clients in the same process: compares rows per second of sequential requests with those of batches across
/// requests and prompts. Every answer is checked against the answer that its row gets alone, so a lost or swapped answer is detected.
/// </summary>
/// <param name="options">How to serve; its address, prompts and runs are ignored.</param>
/// <param name="clients">Number of clients; each sends one input, waits for the answer, and sends the next.</param>
/// <param name="requests">Requests of the batched measurement; the sequential one is limited by time, and to a quarter of them.</param>
public sealed class LoadTest(ServerOptions options, int clients, int requests)
{
    private const double Tolerance = 1e-4;
    private readonly LoadTestData _data = LoadTestData.Make(options.Serving.Model);

    /// <summary>Runs both measurements.</summary>
    /// <param name="progress">Receives progress messages.</param>
    /// <param name="cancellationToken">Stops the test.</param>
    /// <returns>The results; keys are in snake_case.</returns>
    public async Task<JsonObject> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using var folder = _data.WritePrompts();
        var served = options with
        {
            Host = "127.0.0.1",
            Port = 0,
            Serving = options.Serving with { Prompts = folder.Path, Runs = null, KeysFile = null },
        };
        progress($"{LoadTestData.PromptCount} prompts, {clients} clients, texts of {LoadTestData.TextTokens} tokens");
        var alone = await MeasureAsync(served with { Serving = served.Serving with { BatchRows = 1 } }, Math.Max(clients, requests / 4),
            cancellationToken);
        progress($"one by one: {alone.RowsPerSecond:0} rows/s");
        var batched = await MeasureAsync(served, requests, cancellationToken);
        progress($"batched: {batched.RowsPerSecond:0} rows/s");
        return new JsonObject
        {
            ["model"] = options.Serving.Model,
            ["clients"] = clients,
            ["prompts"] = LoadTestData.PromptCount,
            ["text_tokens"] = LoadTestData.TextTokens,
            ["one_by_one"] = alone.ToJson(),
            ["batched"] = batched.ToJson(),
            ["speedup"] = batched.RowsPerSecond / alone.RowsPerSecond,
        };
    }

    private async Task<LoadFigures> MeasureAsync(ServerOptions served, int count, CancellationToken cancellationToken)
    {
        await using var server = await PromptServer.StartAsync(served, builder => builder.Logging.ClearProviders(), cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = clients }) { BaseAddress = new Uri(server.Address) };
        _ = await SendAsync(http, clients * 2, cancellationToken); // warms up code and connections
        return await SendAsync(http, count, cancellationToken);
    }

    private async Task<LoadFigures> SendAsync(HttpClient http, int count, CancellationToken cancellationToken)
    {
        var figures = new LoadFigures(count);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, clients).Select(_ => Task.Run(
            async () =>
            {
                for (int i; (i = Interlocked.Increment(ref next)) < count;)
                    figures.Add(i, await AskAsync(http, i, cancellationToken));
            },
            cancellationToken)));
        figures.Stop();
        return figures;
    }

    /// <summary>Sends one input. Returns the latency and the difference from the expected answer (infinity without an answer).</summary>
    private async Task<(TimeSpan Time, double Difference)> AskAsync(HttpClient http, int number, CancellationToken cancellationToken)
    {
        var (prompt, text, expected) = _data.Question(number);
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var response = await http.PostAsJsonAsync("/v1/predict", new { prompt, inputs = new[] { text }, labels = LoadTestData.Labels },
                cancellationToken);
            var answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
            var time = Stopwatch.GetElapsedTime(start);
            var scores = answer?["predictions"]?[0]?["scores"];
            if (scores is null)
                return (time, double.PositiveInfinity);
            return (time, LoadTestData.Labels.Select((label, i) => Math.Abs(scores[label]!.GetValue<double>() - expected[i])).Max());
        }
        catch (HttpRequestException)
        {
            return (Stopwatch.GetElapsedTime(start), double.PositiveInfinity);
        }
    }

    /// <summary>The result of one measurement.</summary>
    private sealed class LoadFigures(int count)
    {
        private readonly double[] _milliseconds = new double[count];
        private readonly double[] _differences = new double[count];
        private readonly long _start = Stopwatch.GetTimestamp();
        private TimeSpan _duration;
        private long _residentAtStart;
        private long _residentAtEnd;

        internal double RowsPerSecond => count / _duration.TotalSeconds;

        internal void Add(int number, (TimeSpan Time, double Difference) answer)
        {
            (_milliseconds[number], _differences[number]) = (answer.Time.TotalMilliseconds, answer.Difference);
            if (number == count / 10)
                _residentAtStart = Environment.WorkingSet;
        }

        internal void Stop() => (_duration, _residentAtEnd) = (Stopwatch.GetElapsedTime(_start), Environment.WorkingSet);

        internal JsonObject ToJson()
        {
            Array.Sort(_milliseconds);
            return new JsonObject
            {
                ["requests"] = count,
                ["rows_per_second"] = RowsPerSecond,
                ["p50_milliseconds"] = _milliseconds[count / 2],
                ["p99_milliseconds"] = _milliseconds[Math.Min(count - 1, count * 99 / 100)],
                ["lost_answers"] = _differences.Count(double.IsInfinity),
                ["wrong_answers"] = _differences.Count(difference => double.IsFinite(difference) && difference > Tolerance),
                ["largest_difference"] = _differences.Where(double.IsFinite).DefaultIfEmpty(0).Max(),
                ["resident_megabytes_after_a_tenth"] = _residentAtStart >> 20,
                ["resident_megabytes_at_the_end"] = _residentAtEnd >> 20,
            };
        }
    }
}

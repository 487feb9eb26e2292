using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using ResidualPrompts.Server;

namespace ResidualPrompts.Cli.LoadTesting;

/// <summary>
/// Measures a server on this machine with clients in the same process: rows a second one by one against rows batched across requests and
/// prompts. Every answer is compared with the one that its row gives alone, so that nothing is lost and nothing goes to the wrong client.
/// </summary>
/// <param name="options">How to serve; the address, prompts and runs in it are not used.</param>
/// <param name="clients">Clients that each send one input, wait for the answer, and send the next.</param>
/// <param name="requests">Requests of the batched measurement; one by one there are as many as seconds allow, at most a quarter of them.</param>
public sealed class LoadTest(ServerOptions options, int clients, int requests)
{
    private const double Tolerance = 1e-4;
    private readonly LoadTestData _data = LoadTestData.Make(options.Serving.Model);

    /// <summary>Measures.</summary>
    /// <param name="progress">Is told what is being done.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The figures, in snake_case.</returns>
    public async Task<JsonObject> RunAsync(Action<string> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        using var folder = _data.WritePrompts();
        var served = options with { Host = "127.0.0.1", Port = 0, Serving = options.Serving with { Prompts = folder.Path, Runs = null, KeysFile = null } };
        progress($"{LoadTestData.PromptCount} prompts, {clients} clients, texts of {LoadTestData.TextTokens} tokens");
        var alone = await MeasureAsync(served with { Serving = served.Serving with { BatchRows = 1 } }, Math.Max(clients, requests / 4), cancellationToken);
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
        _ = await SendAsync(http, clients * 2, cancellationToken); // warms code and connections up
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

    /// <summary>Sends one input; gives its time, and how far the answer is from the right one (infinity without an answer).</summary>
    private async Task<(TimeSpan Time, double Difference)> AskAsync(HttpClient http, int number, CancellationToken cancellationToken)
    {
        var (prompt, text, expected) = _data.Question(number);
        var start = Stopwatch.GetTimestamp();
        try
        {
            using var response = await http.PostAsJsonAsync("/v1/predict", new { prompt, inputs = new[] { text }, labels = LoadTestData.Labels }, cancellationToken);
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

    /// <summary>What one measurement gave.</summary>
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

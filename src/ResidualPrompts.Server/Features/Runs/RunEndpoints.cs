using System.Net.ServerSentEvents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Runs;

/// <summary>Unchanged lines of the event file of a run.</summary>
/// <param name="Run">The run's name.</param>
/// <param name="Restarted">Whether these lines replace all earlier ones, as after resuming a run from a checkpoint.</param>
/// <param name="Lines">One JSON object each.</param>
internal sealed record RunEvents(string Run, bool Restarted, IReadOnlyList<string> Lines);

/// <summary><c>/v1/runs</c>: running and finished runs, from their files alone.</summary>
internal sealed class RunEndpoints(RunFolder folder, RunListing listing, ClientText text, ApiKeys keys, IHostApplicationLifetime application,
    SettingNames names)
{
    private const int MaxRuns = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    internal static void Map(IEndpointRouteBuilder routes, SettingNames names)
    {
        routes.MapRead(
            "/v1/runs", ([FromServices] RunEndpoints endpoints) =>
            Results.Json(endpoints.List(), JsonText.Options))
            .Produces<RunList>()
                .ProducesProblem(404).WithTags("runs").WithSummary(
                $"Lists the runs under {names[nameof(PromptServingOptions.Runs)]} with their settings and results.");
        routes.MapRead("/v1/runs/events", (HttpContext context, [FromServices] RunEndpoints endpoints) => endpoints.Follow(context))
            .Produces<SseItem<RunEvents>>(200, "text/event-stream").ProducesProblem(400).ProducesProblem(404).WithTags("runs")
            .WithSummary("Streams the event files of runs as server-sent events, from the beginning and as they grow.");
    }

    private RunList List() => new([.. listing.Of(Shown().Find()).Runs
        .Select(run => run.Problem is { } problem ? run with { Problem = text.Relative(problem) } : run)]);

    private EventStream Follow(HttpContext context)
    {
        var asked = context.Request.Query["run"].OfType<string>().Distinct().ToArray();
        if (asked.Length is 0 or > MaxRuns)
            throw RequestProblem.Bad($"Expected 1 to {MaxRuns} names as ?run=NAME&run=NAME, found {asked.Length}.");
        var runs = Shown().Find();
        var found = asked.Select(name => (name, runs.GetValueOrDefault(name)
            ?? throw RequestProblem.NotFound($"There is no run '{RequestJson.Shortened(name)}'."))).ToArray();
        return new EventStream(FollowAsync(found, context.Request));
    }

    private RunFolder Shown() =>
        folder.IsShown ? folder
        : throw RequestProblem.NotFound($"This server shows no runs: start it with {names.Usage(nameof(PromptServingOptions.Runs))}.");

    /// <summary>Ends with the server, the connection or the key of the request, which may be withdrawn.</summary>
    private async IAsyncEnumerable<SseItem<RunEvents>> FollowAsync((string Name, RunDirectory Run)[] runs, HttpRequest request)
    {
        var readers = runs.Select(run => (run.Name, run.Run, new EventReader(run.Run.Path))).ToArray();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(application.ApplicationStopping, request.HttpContext.RequestAborted);
        while (!end.IsCancellationRequested && keys.Open(request))
        {
            var found = false;
            foreach (var (name, run, events) in readers.Where(reader => folder.Holds(reader.Run.Events)))
            {
                var (wasCut, lines) = events.Follow();
                if (!wasCut && lines.Count == 0)
                    continue;
                found = true;
                yield return new SseItem<RunEvents>(new RunEvents(name, wasCut, lines), "run");
            }

            if (found)
                continue;
            try
            {
                await Task.Delay(Pause, end.Token);
            }
            catch (OperationCanceledException)
            {
                yield break;
            }
        }
    }
}

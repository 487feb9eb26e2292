using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Runs;

/// <summary>Unchanged lines of the event file of a run.</summary>
/// <param name="Run">The run's name.</param>
/// <param name="Restarted">Whether these lines replace all earlier ones, as after resuming a run from a checkpoint.</param>
/// <param name="Lines">One JSON object each.</param>
internal sealed record RunEvents(string Run, bool Restarted, IReadOnlyList<string> Lines);

/// <summary><c>/v1/runs</c>: running and finished runs, from their files alone.</summary>
internal sealed class RunEndpoints(RunFolder folder, RunListing listing, IHostApplicationLifetime application, SettingNames names)
{
    private const int MaxRuns = 64;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    internal static void Map(IEndpointRouteBuilder routes, SettingNames names)
    {
        routes.MapGet(
            "/v1/runs", ([FromServices] RunEndpoints endpoints) =>
            Results.Json(endpoints.List(), JsonText.Options))
            .Produces<RunList>()
                .ProducesProblem(404).WithTags("runs").WithSummary(
                $"Lists the runs under {names[nameof(PromptServingOptions.Runs)]} with their settings and results.");
        routes.MapGet("/v1/runs/events", (HttpContext context, [FromServices] RunEndpoints endpoints) => endpoints.Follow(context))
            .Produces<SseItem<RunEvents>>(200, "text/event-stream").ProducesProblem(400).ProducesProblem(404).WithTags("runs")
            .WithSummary("Streams the event files of runs as server-sent events, from the beginning and as they grow.");
    }

    private RunList List() => listing.Of(Shown().Find());

    private EventStream Follow(HttpContext context)
    {
        var asked = context.Request.Query["run"].OfType<string>().Distinct().ToArray();
        if (asked.Length is 0 or > MaxRuns)
            throw RequestProblem.Bad($"Expected 1 to {MaxRuns} names as ?run=NAME&run=NAME, found {asked.Length}.");
        var runs = Shown().Find();
        var readers = asked
            .Select(name =>
            (name, runs.TryGetValue(name, out var run) ? new EventReader(run.Path)
            : throw RequestProblem.NotFound($"There is no run '{RequestJson.Shortened(name)}'."))).ToArray();
        return new EventStream(FollowAsync(readers, application.ApplicationStopping, context.RequestAborted));
    }

    private RunFolder Shown() =>
        folder.IsShown ? folder
        : throw RequestProblem.NotFound($"This server shows no runs: start it with {names.Usage(nameof(PromptServingOptions.Runs))}.");

    private static async IAsyncEnumerable<SseItem<RunEvents>> FollowAsync(
        (string Name, EventReader Events)[] readers, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        while (!end.IsCancellationRequested)
        {
            var found = false;
            foreach (var (name, events) in readers)
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

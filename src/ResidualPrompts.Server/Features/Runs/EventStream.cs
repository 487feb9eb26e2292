using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ResidualPrompts.Server.Http;

namespace ResidualPrompts.Server.Features.Runs;

/// <summary>Sends events as <c>text/event-stream</c>. The framework's own result would use the JSON options of the surrounding app.</summary>
/// <param name="events">The events, as they happen.</param>
internal sealed class EventStream(IAsyncEnumerable<SseItem<RunEvents>> events) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var headers = httpContext.Response.Headers;
        headers.ContentType = "text/event-stream";
        headers.CacheControl = "no-cache,no-store";
        headers.Pragma = "no-cache";
        headers.ContentEncoding = "identity"; // no proxy or middleware may buffer events for compression
        if (HttpMethods.IsHead(httpContext.Request.Method))
            return;
        httpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await httpContext.Response.Body.FlushAsync(httpContext.RequestAborted); // the client learns that it listens, also before the first event
        await SseFormatter.WriteAsync(
            events,
            httpContext.Response.Body,
            (item, buffer) =>
            {
                using var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JsonText.Options.Encoder });
                JsonSerializer.Serialize(writer, item.Data, JsonText.Options);
            },
            httpContext.RequestAborted);
    }
}

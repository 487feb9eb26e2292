namespace ResidualPrompts.Server.Http;

/// <summary>The reason why a request fails, returned as <c>application/problem+json</c>.</summary>
internal sealed class RequestProblem : Exception
{
    private RequestProblem(int status, string title, string detail, int? retryAfterSeconds = null)
        : base(ShownText.Message(detail)) => (Status, Title, RetryAfterSeconds) = (status, title, retryAfterSeconds);

    internal int Status { get; }

    internal string Title { get; }

    internal int? RetryAfterSeconds { get; }

    internal static RequestProblem RunsOnly(string setting) =>
        new(501, "No model is served", $"This server shows runs only. To predict, start it with {setting}.");

    internal static RequestProblem Bad(string detail) => new(400, "Invalid request", detail);

    internal static RequestProblem NoKey() =>
        new(401, "An API key is required", "Send an API key of this server as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.");

    internal static RequestProblem NeedsKeys(string usage) =>
        new(403, "Not allowed", $"Prompts can be changed over HTTP only on a server that requires API keys: start it with {usage}.");

    internal static RequestProblem ForeignHost() =>
        new(400, "Unknown host", "This server accepts requests only from its own machine: address it as localhost or 127.0.0.1.");

    internal static RequestProblem NotFound(string detail) => new(404, "Not found", detail);

    internal static RequestProblem NoMethod(string method, string allowed) =>
        new(405, "Method not allowed", $"{method} is not supported here, expected {allowed}.");

    internal static RequestProblem TooLarge(int limit) =>
        new(413, "The body is too large", $"The body has more than {limit} bytes, the maximum of this server. Send fewer inputs at once.");

    internal static RequestProblem QueueFull(int waiting, int capacity, int seconds) =>
        new(429, "Too many rows are waiting", $"{waiting} of at most {capacity} rows are waiting. Try again in {seconds} s.", seconds);

    internal static RequestProblem NotFinite(string prompt) =>
        new(422, "The prompt cannot be used",
            $"The scores with prompt '{prompt}' are not finite: the prompt or the model's weights contain far too large values.");

    internal static RequestProblem TimedOut(int seconds) =>
        new(504, "The request took too long",
            $"No answer within {seconds} s. Send fewer inputs at once, or try again when the server is less busy.", 1);

    internal static RequestProblem SlowBody(int seconds) => new(408, "The body did not arrive",
        $"The body was not complete within {seconds} s: is the Content-Length larger than the body?");

    internal static RequestProblem Stopping() => new(503, "The server is stopping", "The server is stopping; try again after it has restarted.", 5);

    internal static RequestProblem Stuck(int seconds) => new(503, "The server is not ready",
        $"The batch that is computed has taken more than {seconds} s. Restart the server if that does not end.", 5);

    internal static RequestProblem WrongType(string? found) => new(415, "Unsupported media type",
        $"The body has {(string.IsNullOrEmpty(found) ? "no content type" : $"the content type '{RequestJson.Shortened(found)}'")}, "
        + "expected 'Content-Type: application/json' and JSON in UTF-8.");

    internal static RequestProblem WrongEncoding(string found) => new(415, "Unsupported content encoding",
        $"The body has the content encoding '{RequestJson.Shortened(found)}', expected none: send the JSON itself.");

    internal static RequestProblem Failed(string detail) => new(500, "Internal server error", detail);
}

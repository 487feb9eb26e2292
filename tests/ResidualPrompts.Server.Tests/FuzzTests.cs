using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;

namespace ResidualPrompts.Server.Tests;

/// <summary>Whatever is sent, the answer is a result or a problem that says what is wrong: no crash, no 500.</summary>
public sealed class FuzzTests(TinyPrompts model) : IClassFixture<TinyPrompts>
{
    private const int CasesOfEach = 2500;
    private static readonly string[] Paths = ["/v1/predict", "/v1/generate"];
    private static readonly string[] Words = ["reviews", "others", "subjects", "none", "nobody", "", "a", "film", "text", "title", "mean", "vote",
        "../reviews", "\ud800", "\0", "</s>", "<extra_id_0>", "𝔘", "é", " "];
    private static readonly string[] Keys = ["prompt", "prompts", "inputs", "labels", "ensemble", "max_new_tokens", "text", "title", "input_ids",
        "unknown"];

    private static readonly Gen<JsonNode?> Value = Gen.Recursive<JsonNode?>((depth, inner) => depth > 3
        ? Leaf
        : Gen.Frequency((4, Leaf), (1, inner.Array[0, 4].Select(items => (JsonNode?)new JsonArray([.. items.Select(item => item?.DeepClone())]))),
        (1, Objects(inner))));

    /// <summary>Bodies that are nearly right, so that they come far.</summary>
    private static readonly Gen<JsonNode?> Likely = Gen.Select(
        Any("reviews", "others", "subjects", "none"),
        Gen.OneOf(Any(Words).Array[1, 3].Select(texts => (JsonNode?)new JsonArray([.. texts.Select(text => (JsonNode?)text)])), Objects(Value)
            .Array[1, 3].Select(items => (JsonNode?)new JsonArray([.. items])), Value),
        Gen.OneOf(Gen.Const((JsonNode?)null), Gen.Const((JsonNode?)new JsonArray("negative", "positive")), Value),
        Any(Keys), Value, Gen.Int[0, 5]).Select((prompt, inputs, labels, key, extra, choice) =>
        {
            var body = new JsonObject { ["inputs"] = inputs?.DeepClone() };
            body[choice == 0 ? "prompts" : "prompt"] = choice == 0 ? new JsonArray(prompt, "none") : prompt;
            if (labels is not null)
                body["labels"] = labels.DeepClone();
            if (choice > 3)
                body[key] = extra?.DeepClone();
            return (JsonNode?)body;
        });

    private static Gen<JsonNode?> Leaf => Gen.OneOf(
        Any(Words).Select(text => (JsonNode?)text), Gen.String.Select(text => (JsonNode?)text), Gen.Int.Select(number => (JsonNode?)number),
        Any(0.5, -1e300, 1e18).Select(number => (JsonNode?)number), Gen.Bool.Select(flag => (JsonNode?)flag), Gen.Const((JsonNode?)null));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public Task Any_json_is_answered() => Check(Gen.OneOf(Likely, Value).Select(value => Encoding.UTF8.GetBytes(Text(value))));

    [Fact]
    public Task Any_damage_to_a_body_is_answered() =>
        Check(Gen.Select(Likely, Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 3]).Select((value, at, with, kind) =>
    {
        var bytes = Encoding.UTF8.GetBytes(Text(value));
        at %= bytes.Length;
        return kind switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], with, .. bytes[at..]],
            2 => [.. bytes[..at], .. bytes[(at + 1)..]],
            _ => [.. bytes[..at], with, .. bytes[(at + 1)..]],
        };
    }));

    [Fact]
    public Task Any_bytes_are_answered() => Check(Gen.Byte.Array[0, 200]);

    private static Gen<T> Any<T>(params T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);

    private static Gen<JsonNode?> Objects(Gen<JsonNode?> values) => Gen.Select(Gen.OneOf(Any(Keys), Any(Words)), values).Array[0, 4].Select(pairs =>
    {
        var result = new JsonObject();
        foreach (var (key, value) in pairs)
            result[key] = value?.DeepClone();
        return (JsonNode?)result;
    });

    /// <summary>Half a surrogate pair, which a writer replaces, goes out as an escape.</summary>
    private static string Text(JsonNode? value) => value is null ? "null" : value.ToJsonString(new JsonSerializerOptions { MaxDepth = 200 })
        .Replace("\\uFFFD", "\\ud800", StringComparison.Ordinal);

    private async Task Check(Gen<byte[]> bodies)
    {
        await using var client = await Client.Start(model.Options() with { MaxTokens = 64, MaxNewTokens = 4, BatchDelayMilliseconds = 0 });
        var statuses = new System.Collections.Concurrent.ConcurrentDictionary<int, int>();
        await Gen.Select(bodies, Any(Paths)).SampleAsync(
            async (body, path) =>
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new("application/json");
                using var response = await client.Http.PostAsync(path, content, Stop);
                var text = await response.Content.ReadAsStringAsync(Stop);
                using var answer = JsonDocument.Parse(text);
                var status = (int)response.StatusCode;
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                var isRight = status == 200
                    ? answer.RootElement.TryGetProperty(path == "/v1/predict" ? "predictions" : "generations", out _)
                    : status is 400 or 404 && answer.RootElement.GetProperty("detail")
                    .GetString()!.Length > 10 && response.Content.Headers.ContentType!.MediaType == "application/problem+json";
                isRight.Should().BeTrue($"{status} {text} answers {path} {Encoding.UTF8.GetString(body)}; "
                    + $"{client.Log.LastOrDefault(line => line.StartsWith("Error", StringComparison.Ordinal))}");
            },
            iter: CasesOfEach,
            threads: 2);
        statuses.Values.Sum().Should().BeGreaterThanOrEqualTo(CasesOfEach);
        client.Log.Should().NotContain(line => line.StartsWith("Error"));
        (await client.Post("/v1/predict", new { prompt = "reviews", inputs = new[] { "still there" } }))
            .Status.Should().Be(System.Net.HttpStatusCode.OK);
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join(", ", statuses));
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Server.Tests;

/// <summary>
/// What a client sends stands in the answer's problem and in the log as a short text on one line, whatever it is made of: nothing in it acts on a
/// terminal, turns a line around, forges a line, or fills a screen.
/// </summary>
public sealed class ProblemTextTests(TinyPrompts model) : IClassFixture<TinyPrompts>
{
    private const int LongestDetail = 1000;

    private static readonly string[] Values =
    [
        "\u001b[31mred\u001b[0m", "\u202egnp.exe", "a\nerror: forged", "a\r\nSet-Cookie: x", "\u0000", "\u0085\u2028\u2029", "\ufeff\u200b\u2066",
        "\u0007\u009b31m", new string('x', 5000), string.Concat(Enumerable.Repeat("\u001b]0;title\u0007", 500)), "<script>alert(1)</script>",
        "\U000e0041\U000e0042",
    ];

    [Fact]
    public async Task A_body()
    {
        await using var client = await Client.Start(model.Options() with { Runs = model.Root });
        var problems = 0;
        foreach (var value in Values)
        {
            foreach (var body in Bodies(value))
            {
                foreach (var path in new[] { "/v1/predict", "/v1/generate" })
                {
                    var answer = await client.PostText(path, body.ToJsonString());
                    if ((int)answer.Status == 200)
                        continue;
                    ((int)answer.Status).Should().BeInRange(400, 499, body.ToJsonString());
                    Check(answer.Json!, $"{path} {body.ToJsonString()[..Math.Min(100, body.ToJsonString().Length)]}");
                    problems++;
                }
            }
        }

        problems.Should().BeGreaterThan(Values.Length * 10);
        CheckLog(client);
    }

    [Theory]
    [InlineData("GET", "/v1/runs/events?run=")]
    [InlineData("GET", "/v1/runs?")]
    [InlineData("GET", "/")]
    [InlineData("GET", "/v1/prompts/")]
    [InlineData("POST", "/v1/predict?")]
    public async Task An_address(string method, string before)
    {
        await using var client = await Client.Start(model.Options() with { Runs = model.Root });
        foreach (var value in Values)
        {
            var answer = await client.Send(new HttpMethod(method), before + Uri.EscapeDataString(value), null);
            if (answer.Json is { } problem && (int)answer.Status != 200)
                Check(problem, $"{method} {before}{value[..Math.Min(40, value.Length)]}");
        }

        CheckLog(client);
    }

    [Theory]
    [InlineData("Content-Type: ")]
    [InlineData("Content-Type: application/json; charset=")]
    [InlineData("Content-Type: application/json\r\nContent-Encoding: ")]
    [InlineData("Content-Type: application/json\r\nExpect: ")]
    [InlineData("Content-Type: application/json\r\nAuthorization: Bearer ")]
    public async Task A_header(string before)
    {
        await using var client = await Client.Start(model.Options());
        foreach (var value in Values.Where(value => value.IndexOfAny(['\r', '\n', '\0']) < 0))
        {
            var header = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(value));
            var answer = await RawHttp.SendAsync(client.Server.Address, string.Create(CultureInfo.InvariantCulture,
                $"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\n{before}{header}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"));
            RawHttp.Status(answer).Should().BeInRange(400, 499, answer);
            var body = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(RawHttp.Body(answer)));
            if (body.Contains('{', StringComparison.Ordinal))
                Check(JsonNode.Parse(body[body.IndexOf('{')..(body.LastIndexOf('}') + 1)])!, before);
        }

        CheckLog(client);
    }

    /// <summary>The value as a name, a key, a text and a number, in every part of a request.</summary>
    private static IEnumerable<JsonObject> Bodies(string value)
    {
        JsonArray Text() => ["a"];
        yield return new JsonObject { ["prompt"] = value, ["inputs"] = Text() };
        yield return new JsonObject { ["prompts"] = new JsonArray("reviews", value), ["inputs"] = Text() };
        yield return new JsonObject { ["prompts"] = value, ["inputs"] = Text() };
        yield return new JsonObject { ["prompt"] = "reviews", ["inputs"] = value };
        yield return new JsonObject { ["prompt"] = "reviews", ["inputs"] = new JsonArray(new JsonObject { [value] = "a" }) };
        JsonObject nested = new() { ["text"] = new JsonObject { [value] = 1 } };
        yield return new JsonObject { ["prompt"] = "others", ["inputs"] = new JsonArray(nested) };
        yield return new JsonObject { ["prompt"] = "others", ["inputs"] = new JsonArray(new JsonObject { ["text"] = "a", [value] = 1 }) };
        yield return new JsonObject { ["prompt"] = "reviews", ["inputs"] = new JsonArray(new JsonObject { ["input_ids"] = value }) };
        yield return new JsonObject { ["prompt"] = "reviews", ["inputs"] = new JsonArray(new JsonObject { ["input_ids"] = new JsonArray(value) }) };
        yield return new JsonObject { ["prompt"] = "none", ["labels"] = new JsonArray(value, value), ["inputs"] = Text() };
        yield return new JsonObject { ["prompt"] = "none", ["labels"] = value, ["inputs"] = Text() };
        yield return new JsonObject { ["prompt"] = "none", ["labels"] = new JsonArray(new JsonObject { [value] = value }), ["inputs"] = Text() };
        yield return new JsonObject { ["prompts"] = new JsonArray("reviews", "reviews"), ["ensemble"] = value, ["inputs"] = Text() };
        yield return new JsonObject { ["prompt"] = "reviews", ["max_new_tokens"] = value, ["inputs"] = Text() };
        yield return new JsonObject { ["prompt"] = "reviews", [value] = value, ["inputs"] = Text() };
    }

    private static void Check(JsonNode problem, string when)
    {
        foreach (var key in new[] { "title", "detail" })
        {
            if (problem[key] is not { } value)
                continue; // an address that nobody has
            var text = value.GetValue<string>();
            text.Should().NotBeEmpty(when);
            text.Length.Should().BeLessThan(LongestDetail, when);
            text.EnumerateRunes().Where(rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator).Should().BeEmpty($"{when}: {text}");
        }
    }

    private static void CheckLog(Client client)
    {
        foreach (var line in client.Log)
        {
            line.Should().NotStartWith("Error");
            line.Where(char.IsControl).Should().BeEmpty(line);
            line.Length.Should().BeLessThan(2 * LongestDetail);
        }
    }
}

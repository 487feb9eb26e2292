using System.Text.Json;

namespace ResidualPrompts.Tests;

public sealed class JsonProblemTests
{
    [Theory]
    [InlineData("{\n \"a\": x}", "'x' is an invalid start of a value (line 2, byte 7).")]
    [InlineData("{\"a\":1,}", "The JSON object contains a trailing comma at the end which is not supported in this mode. Change the reader options "
        + "(line 1, byte 8).")]
    public void A_place_is_counted_from_one(string text, string expected)
    {
        var act = () => JsonDocument.Parse(text);
        JsonProblem.Of(act.Should().Throw<JsonException>().Which).Should().Be(expected);
    }

    [Fact]
    public void A_value_of_another_kind_is_named_by_its_keys()
    {
        var act = () => JsonSerializer.Deserialize<Dictionary<string, int>>("{\n\"length\": \"ten\"}");
        JsonProblem.Of(act.Should().Throw<JsonException>().Which)
            .Should().Be("The JSON value could not be converted to System.Int32 ($.length, line 2, byte 16).");
    }

    [Fact]
    public void Other_messages_stay_as_they_are() => JsonProblem.Of(new IOException("gone.")).Should().Be("gone.");
}

namespace ResidualPrompts.Cli.Tests;

public sealed class TokenizeTests
{
    [Fact]
    public async Task Lines_of_text_become_lines_of_ids()
    {
        var result = await InProcess.RunWith("a great film\n\nHello <extra_id_0>.\r\n", "tokenize", "--model", "t5-nano");
        result.Lines.Length.Should().Be(3);
        result.Lines[0].Should().MatchRegex(@"^\{""ids"":\[\d+(,\d+)*,1\]\}$");
        result.Lines[1].Should().Be("""{"ids":[1]}""");
        result.Lines[2].Should().Contain(",8099,");
        result.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task Json_lines_give_the_same_ids_as_text_and_decode_to_it()
    {
        var plain = await InProcess.RunWith("a great film\n", "tokenize", "--model", "t5-nano");
        var json = await InProcess.RunWith("""{"text": "a great \u0066ilm"}""", "tokenize", "--model", "t5-nano", "--jsonl");
        json.Output.Should().Be(plain.Output);
        var back = await InProcess.RunWith(json.Output, "tokenize", "--model", "t5-nano", "--decode");
        back.Output.Should().Be("{\"text\":\"a great film</s>\"}\n");
        var clean = await InProcess.RunWith(json.Output, "tokenize", "--model", "t5-nano", "--decode", "--skip-special-tokens");
        clean.Output.Should().Be("{\"text\":\"a great film\"}\n");
    }

    [Theory]
    [InlineData("tokenize")]
    [InlineData("score", "--generate", "2")]
    public async Task A_dash_is_standard_input(params string[] command)
    {
        const string Rows = "{\"text\": \"a great film\"}\n";
        var plain = await InProcess.RunWith(Rows, [.. command, "--model", "t5-nano"]);
        plain.ShouldSucceed();
        (await InProcess.RunWith(Rows, [.. command, "--model", "t5-nano", "--input", "-"])).Output.Should().Be(plain.Output).And.NotBeEmpty();
    }

    [Fact]
    public async Task A_line_may_be_cut()
    {
        var result = await InProcess.RunWith("one two three four five six seven\n", "tokenize", "--model", "t5-nano", "--max-length", "4");
        result.Lines[0].Split(',').Length.Should().Be(4);
        result.Lines[0].Should().EndWith(",1]}");
    }

    [Theory]
    [InlineData("{\"text\": \"a\"}\n{\"text\": \"b\"\n", "*standard input, line 2: not valid JSON*")]
    [InlineData("{\"text\": \"a\"}\n[1]\n", "*line 2: expected a JSON object, found an array*")]
    [InlineData("{\"txt\": \"a\"}\n", "*line 1: no field 'text'*'txt'*")]
    [InlineData("{\"text\": 5}\n", "*line 1: 'text' is a number, expected a text*")]
    [InlineData("{\"text\": \"\\ud800\"}\n", "*line 1:*surrogate*")]
    [InlineData("{\"text\": \"a\", \"text\": \"b\"}\n", "*line 1:*text*")]
    public async Task A_broken_line_is_named(string input, string message) =>
        (await InProcess.RunWith(input, "tokenize", "--model", "t5-nano", "--jsonl")).ShouldBeRefused(message);

    [Fact]
    public async Task Invalid_UTF8_is_named_with_its_line()
    {
        var result = await InProcess.RunWith([.. "good\nb"u8, 0xC3, 0x28, (byte)'\n'], "tokenize", "--model", "t5-nano");
        result.ShouldBeRefused("*line 2: not valid UTF-8*");
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_named_and_nothing_is_written()
    {
        var text = new string('a', (1 << 24) + 1);
        (await InProcess.RunWith($"good\n{text}\n", "tokenize", "--model", "t5-nano")).ShouldBeRefused("*standard input, line 2: *too long*");
        var row = $"{{\"text\": \"{text}\"}}\n";
        (await InProcess.RunWith(row, "tokenize", "--model", "t5-nano", "--jsonl")).ShouldBeRefused("*standard input, line 1: *too long*");
        (await InProcess.RunWith(row, "score", "--model", "t5-nano", "--labels", "a")).ShouldBeRefused("*standard input, line 1: *too long*");
    }

    [Theory]
    [InlineData("{\"ids\": [5, -1]}\n", "*line 1:*-1*")]
    [InlineData("{\"ids\": [5, 1.5]}\n", "*line 1: 'ids'[1] is 1.5, expected a token id*")]
    [InlineData("{\"ids\": 5}\n", "*line 1: 'ids' is a number, expected an array of token ids*")]
    public async Task Ids_that_are_none_are_named(string input, string message) =>
        (await InProcess.RunWith(input, "tokenize", "--model", "t5-nano", "--decode")).ShouldBeRefused(message);
}

using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Tests;

public sealed class MessageTextTests
{
    private const string Path = "a\nerror: forged\u001b[31m";
    private const string Shown = "a\\u000aerror: forged\\u001b[31m";

    [Fact]
    public void A_value_cannot_forge_a_line_of_a_message()
    {
        RunException.Exists(Path).Message.Should().Be($"'{Shown}' exists.");
        RunException.NotARun(Path).Message.Should().StartWith($"'{Shown}' is not a run directory");
        RunException.NotWritable(Path, new IOException(Path)).Message.Should().Be($"'{Shown}' cannot be written: {Shown}");
        FileException.TooLarge(Path, 1_000_000, 10).Message.Should().Be($"'{Shown}' is not read: expected at most 10 bytes, found 1000000.");
    }

    [Fact]
    public void Line_breaks_of_the_message_itself_stay() =>
        Text($"two\nlines").Should().Be("two\nlines");

    [Fact]
    public void Lines_are_escaped_one_by_one() => MessageText.Lines("\n", ["a\rb", "c"]).ToString().Should().Be("a\\u000db\nc");

    private static string Text(MessageText message) => message.ToString();

    [Fact]
    public void A_folder_that_is_no_run_is_named_by_its_beginning() =>
        RunException.NotARun(new string('k', 5000)).Message.Length.Should().BeLessThan(320);
}

using System.Text.RegularExpressions;

namespace ResidualPrompts.Testing;

/// <summary>What a run of a program gave.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed partial record ProgramResult(int ExitCode, string Output, string Error)
{
    /// <summary>Lines of standard output without the last line break.</summary>
    public string[] Lines => Output.TrimEnd('\n').Split('\n');

    /// <summary>Asserts that the input was refused: exit code 2, nothing on standard output, one message without a stack trace.</summary>
    public void ShouldBeRefused(string message)
    {
        // What a run said before it was refused has its time.
        var said = string.Join('\n', Error.Split('\n').SkipWhile(line => Progress().IsMatch(line)));
        said.Should().Match($"error: {message}");
        ExitCode.Should().Be(2);
        Output.Should().BeEmpty();
        Error.Should().NotContain("   at ").And.NotContain("Exception");
        Error.Split("error:").Length.Should().Be(2);
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}Z  ")]
    private static partial Regex Progress();

    /// <summary>Asserts that all went well, and gives the result.</summary>
    public ProgramResult ShouldSucceed()
    {
        ExitCode.Should().Be(0, Error);
        return this;
    }
}

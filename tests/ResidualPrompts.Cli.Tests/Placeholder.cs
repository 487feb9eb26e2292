namespace ResidualPrompts.Cli.Tests;

public class Placeholder
{
    [Fact]
    public void Runs() => 1.Should().Be(1);
}

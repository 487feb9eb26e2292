using System.CommandLine;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench</c>: how fast this machine trains and evaluates, each measurement a command of its own.</summary>
internal static class BenchCommand
{
    internal static Command Create() => new("bench", "Measure speed and memory on this machine.")
    {
        StepCommand.Create(),
        ModelCommand.Create(),
    };
}

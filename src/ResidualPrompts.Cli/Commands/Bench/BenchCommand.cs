using System.CommandLine;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench</c>: measures training and evaluation on this machine, one subcommand per measurement.</summary>
internal static class BenchCommand
{
    internal static Command Create() => new("bench", "Measure speed, memory and learning on this machine.")
    {
        AllBench.Create(),
        AblationBench.Create(),
        StepBench.Create(),
        PackingBench.Create(),
        DropoutBench.Create(),
        OverheadBench.Create(),
        ContentionBench.Create(),
        GrowthBench.Create(),
        StartBench.Create(),
        LoadBench.Create(),
        EvaluateBench.Create(),
        TogetherBench.Create(),
        Int8Bench.Create(),
        ComputeBench.Create(),
        ProfileBench.Create(),
        TokenizeBench.Create(),
        LearnBench.Create(),
        ModelCommand.Create(),
        BusyCommand.Create(),
    };
}

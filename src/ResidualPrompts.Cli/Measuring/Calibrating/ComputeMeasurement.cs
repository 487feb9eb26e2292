using System.Diagnostics;
using ResidualPrompts.Compute;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Measuring.Calibrating;

/// <summary>
/// Measures each operation, forward and backward, with libtorch and with the managed kernels. All take turns in every round, so that disturbances of
/// the machine affect both equally.
/// </summary>
/// <param name="rounds">How often each is measured.</param>
internal sealed class ComputeMeasurement(int rounds)
{
    private const double LeastMilliseconds = 3; // a shorter pass is repeated
    private const int MostRepetitions = 30;

    /// <summary>The shapes: names of published sizes, and positions of each example.</summary>
    internal static IReadOnlyList<(string Model, int Positions)> Shapes { get; } = [("t5-small", 74), ("t5-base", 74), ("t5-base", 266)];

    /// <summary>Measures everything.</summary>
    /// <param name="shapes">The shapes, usually <see cref="Shapes"/>.</param>
    internal IReadOnlyList<OperationTimes> Measure(IReadOnlyList<(string Model, int Positions)> shapes)
    {
        using var scope = NewDisposeScope();
        var ways = Ways().ToArray();
        var operands = shapes.Select(shape => new OperationShape(shape.Model, shape.Positions)).ToArray();
        var turns = operands.SelectMany((shape, at) => ways.Select(way => new Turn(
            shape.Pass(new TensorOps(ComputeChoice.Make(ComputePolicy.Auto, "measured", way.Kernels)), way.Times.Operation),
            way.Times.Milliseconds[at]))).ToArray();
        foreach (var turn in turns)
            turn.WarmUp();
        for (var round = 0; round < rounds; round++)
        {
            foreach (var turn in round % 2 == 0 ? turns : turns.Reverse())
                turn.Take(round);
        }

        return [.. ways.Select(way => way.Times)];

        IEnumerable<(OperationTimes Times, Operations Kernels)> Ways()
        {
            OperationTimes Empty(Operations operation, bool isManaged, bool hasManagedNorm) =>
                new(operation, isManaged, hasManagedNorm, [.. shapes.Select(_ => new double[rounds])]);
            foreach (var operation in OperationNames.All.Keys)
            {
                yield return (Empty(operation, false, false), Operations.None);
                yield return (Empty(operation, true, true), Operations.All);
                if (operation == Operations.NormedLinear)
                    yield return (Empty(operation, false, true), Operations.Norm);
            }
        }
    }

    /// <summary>One operation of one shape, computed in one way.</summary>
    private sealed class Turn(Action pass, double[] milliseconds)
    {
        private int _repetitions = 1;

        internal void WarmUp()
        {
            pass();
            _repetitions = (int)Math.Clamp(Math.Ceiling(LeastMilliseconds / Time()), 1, MostRepetitions);
        }

        internal void Take(int round) => milliseconds[round] = Time();

        private double Time()
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < _repetitions; i++)
                pass();
            return Stopwatch.GetElapsedTime(start).TotalMilliseconds / _repetitions;
        }
    }
}

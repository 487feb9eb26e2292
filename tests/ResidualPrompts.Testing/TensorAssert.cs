using static TorchSharp.torch;

namespace ResidualPrompts.Testing;

/// <summary>Comparison of tensors with messages that say where they part.</summary>
public static class TensorAssert
{
    /// <summary>Fails unless shapes are equal and no element differs by more than <paramref name="tolerance"/>.</summary>
    public static void Close(Tensor actual, Tensor expected, double tolerance, string? name = null)
    {
        using var scope = NewDisposeScope();
        if (!actual.shape.AsSpan().SequenceEqual(expected.shape))
            throw new TensorMismatchException($"{name}: shape [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
        if (actual.numel() == 0)
            return;
        var difference = LargestDifference(actual, expected);
        if (!(difference <= tolerance))
            throw new TensorMismatchException($"{name}: largest difference {difference:g3}, expected at most {tolerance:g3}");
    }

    /// <summary>Fails unless scores are as many, and none differs by more than rounding.</summary>
    public static void Close(double[] actual, double[] expected)
    {
        ArgumentNullException.ThrowIfNull(actual);
        ArgumentNullException.ThrowIfNull(expected);
        actual.Length.Should().Be(expected.Length);
        for (var i = 0; i < actual.Length; i++)
            actual[i].Should().BeApproximately(expected[i], 2e-5);
    }

    /// <summary>Fails unless all elements are equal.</summary>
    public static void Equal(Tensor actual, Tensor expected, string? name = null) => Close(actual, expected, 0, name);

    /// <summary>Fails if no element differs by at least <paramref name="least"/>.</summary>
    public static void Differ(Tensor actual, Tensor expected, double least, string? name = null)
    {
        using var scope = NewDisposeScope();
        var difference = LargestDifference(actual, expected);
        if (!(difference >= least))
            throw new TensorMismatchException($"{name}: largest difference {difference:g3}, expected at least {least:g3}");
    }

    /// <summary>The largest absolute difference of two tensors of one shape.</summary>
    public static double LargestDifference(Tensor actual, Tensor expected)
    {
        using var scope = NewDisposeScope();
        return (actual.detach().to_type(ScalarType.Float64) - expected.detach().to_type(ScalarType.Float64)).abs().max().item<double>();
    }
}

/// <summary>Two tensors part.</summary>
public sealed class TensorMismatchException(string message) : Exception(message);

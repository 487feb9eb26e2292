using ResidualPrompts.Compute.Managed.Attention;

namespace ResidualPrompts.Tests.Compute.Managed.Attention;

/// <summary>Rows of softmax in vectors of both widths, against float64 numbers one at a time.</summary>
public sealed unsafe class AttentionRowTests
{
    private const float Scale = 0.25f;

    public static MatrixTheoryData<string, bool, bool> Cases => new(Kernels.Names, [false, true], [false, true]);

    public static TheoryData<string> Names => [.. Kernels.Names];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Weights_and_gradients_are_those_of_the_formula(string kernel, bool hasBias, bool drops)
    {
        var row = AttentionRow.Of(Kernels.Get(kernel));
        for (var count = 1; count <= 70; count++)
        {
            var (logits, bias, upper) = (Values(count, 9, 1), Values(count, 9, 2), Values(count, 1, 3));
            var mask = Values(count, 1, 4).Select(x => x > 0 ? 1.25f : 0).ToArray();
            double[] exact = [.. logits.Zip(bias, (x, y) => Math.Exp((Scale * (double)x) + (hasBias ? y : 0)))];
            double[] expected = [.. exact.Select(x => x / exact.Sum())];
            double Factor(int i) => drops ? mask[i] : 1;
            var mean = expected.Select((weight, i) => weight * upper[i] * Factor(i)).Sum();

            var dropped = Padded(logits);
            var (weights, gradient) = (Padded(logits), Padded(upper));
            fixed (float* d = dropped, w = weights, g = gradient, b = Padded(bias), m = Padded(mask))
            {
                row.Softmax(d, hasBias ? b : null, drops ? m : null, count, Scale);
                row.Softmax(w, hasBias ? b : null, null, count, Scale);
                for (var i = 0; i < count; i++)
                    ((double)w[i]).Should().BeApproximately(expected[i], (3e-6 * expected[i]) + 1e-9);
                row.Gradient(w, g, drops ? m : null, count, Scale);
            }

            for (var i = 0; i < count; i++)
            {
                ((double)dropped[i]).Should().BeApproximately(expected[i] * Factor(i), 1e-6);
                weights[i].Should().Be(dropped[i], "a gradient leaves the dropped weights");
                ((double)gradient[i]).Should().BeApproximately(Scale * expected[i] * ((upper[i] * Factor(i)) - mean), 1e-6);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Weights_keep_their_digits_down_to_the_smallest_and_then_are_0(string kernel)
    {
        var row = AttentionRow.Of(Kernels.Get(kernel));
        const int count = 1000;
        var logits = Enumerable.Range(0, count).Select(i => -0.11f * i).ToArray(); // to -110
        var sum = logits.Sum(x => Math.Exp(x));
        var weights = Padded(logits);
        fixed (float* w = weights)
            row.Softmax(w, null, null, count, 1);
        for (var i = 0; i < count; i++)
        {
            var expected = Math.Exp(logits[i]) / sum;
            ((double)weights[i]).Should().BeApproximately(expected, logits[i] > -85 ? 2e-6 * expected : 2e-38);
            if (logits[i] < -88)
                weights[i].Should().Be(0);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_not_a_number_stays_visible_and_a_hidden_key_has_no_weight(string kernel)
    {
        var row = AttentionRow.Of(Kernels.Get(kernel));
        for (var count = 1; count <= 40; count++)
        {
            for (var at = 0; at < count; at++)
            {
                float[] With(float value)
                {
                    var weights = Padded(Values(count, 9, 5));
                    fixed (float* w = weights)
                    {
                        w[at] = value;
                        row.Softmax(w, null, null, count, 1);
                    }

                    return weights[..count];
                }

                With(float.NaN).Should().OnlyContain(weight => float.IsNaN(weight));
                With(float.PositiveInfinity).Should().OnlyContain(weight => float.IsNaN(weight), "libtorch's softmax is not a number either");
                if (count > 1)
                {
                    var hidden = With(float.NegativeInfinity);
                    hidden[at].Should().Be(0);
                    hidden.Sum().Should().BeApproximately(1, 1e-5f);
                }
            }
        }
    }

    private static float[] Values(int count, float range, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => range * ((2 * random.NextSingle()) - 1))];
    }

    /// <summary>The values, and behind them what earlier rows left.</summary>
    private static float[] Padded(float[] values) => [.. values, .. Enumerable.Repeat(1e30f, AttentionRow.MaxVectorSize)];
}

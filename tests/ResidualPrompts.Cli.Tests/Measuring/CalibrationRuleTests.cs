using ResidualPrompts.Cli.Measuring.Calibrating;
using ResidualPrompts.Compute;

namespace ResidualPrompts.Cli.Tests.Measuring;

/// <summary>Which measurements change a choice; the times are made up.</summary>
public sealed class CalibrationRuleTests
{
    private static readonly double[] Rounds = [1, 1.002, 0.998, 1.004, 0.996]; // quartiles 0.4 % around the median

    [Theory]
    [InlineData(1.2, true)]
    [InlineData(1.06, true)]
    [InlineData(1.04, false)] // less than 5 %
    [InlineData(1, false)]
    [InlineData(0.5, false)]
    public void A_choice_changes_for_a_gain_of_five_percent(double libTorchByManaged, bool changes)
    {
        CalibrationRule.Decide(Operations.None, Times(Operations.CrossAttention, libTorchByManaged, 1))
            .Should().Be(changes ? Operations.CrossAttention : Operations.None);
        CalibrationRule.Decide(Operations.All, Times(Operations.CrossAttention, 1, libTorchByManaged))
            .Should().Be(changes ? Operations.All & ~Operations.CrossAttention : Operations.All);
    }

    [Fact]
    public void Quartiles_that_overlap_change_nothing()
    {
        double[] wide = [0.8, 1, 1.3, 1.6, 1.9];
        OperationTimes[] times =
        [
            new(Operations.Norm, false, false, [wide]), new(Operations.Norm, true, true, [[1.1, 1, 0.9, 1.2, 1.05]]),
        ];
        (times[0].Score.Median / times[1].Score.Median).Should().BeGreaterThan(1.05);
        CalibrationRule.Decide(Operations.None, times).Should().Be(Operations.None);
        CalibrationRule.Decide(Operations.All, times).Should().Be(Operations.All);
    }

    [Fact]
    public void Every_shape_counts_the_same_however_long_it_takes()
    {
        OperationTimes[] times =
        [
            new(Operations.Norm, false, false, [[.. Rounds.Select(x => 2 * x)], [.. Rounds.Select(x => 950 * x)]]),
            new(Operations.Norm, true, true, [Rounds, [.. Rounds.Select(x => 1000 * x)]]),
        ];
        CalibrationRule.Decide(Operations.None, times).Should().Be(Operations.Norm);
    }

    [Fact]
    public void Products_after_a_norm_by_libtorch_count_with_the_norm_that_is_chosen()
    {
        OperationTimes[] Both(double managedNorm) =>
        [
            .. Times(Operations.Norm, 1, managedNorm),
            new(Operations.NormedLinear, false, false, [[.. Rounds.Select(x => 2 * x)]]),
            new(Operations.NormedLinear, false, true, [Rounds]),
            new(Operations.NormedLinear, true, true, [[.. Rounds.Select(x => 1.5 * x)]]),
        ];
        CalibrationRule.Decide(Operations.None, Both(0.5)).Should().Be(Operations.Norm);
        CalibrationRule.Decide(Operations.None, Both(2)).Should().Be(Operations.NormedLinear);
        CalibrationRule.Decide(Operations.All, Both(0.5)).Should().Be(Operations.All & ~Operations.NormedLinear);
    }

    /// <summary>
    /// Times of both ways, all of them within 2 % of the made-up ones: the second calibration finds what the first has chosen. Only a gain of nearly
    /// 5 % may be seen by the second alone.
    /// </summary>
    [Fact]
    public void Two_calibrations_in_a_row_give_the_same_choice()
    {
        double[] clear = [0.6, 0.8, 0.92, 0.98, 1, 1.02, 1.09, 1.2, 2];
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var ratios = OperationNames.All.Keys.ToDictionary(operation => operation, _ => clear[random.Next(clear.Length)]);
            List<OperationTimes> Measure() =>
            [
                .. ratios.SelectMany(ratio => Times(ratio.Key, ratio.Value, 1, () => 1 + (0.04 * (random.NextDouble() - 0.5)))),
                Times(Operations.NormedLinear, ratios[Operations.NormedLinear], 1)[0] with { HasManagedNorm = true },
            ];
            var start = (Operations)random.Next((int)Operations.All + 1);
            var first = CalibrationRule.Decide(start, Measure());
            CalibrationRule.Decide(first, Measure()).Should().Be(first, $"seed {seed}");
        }
    }

    [Fact]
    public void The_same_measurements_change_nothing_twice_and_a_choice_never_goes_back()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var times = Times(Operations.Norm, 0.8 + (0.4 * random.NextDouble()), 1, () => 1 + (0.1 * (random.NextDouble() - 0.5)));
            foreach (var start in new[] { Operations.None, Operations.Norm })
            {
                var first = CalibrationRule.Decide(start, times);
                CalibrationRule.Decide(first, times).Should().Be(first);
            }
        }
    }

    private static OperationTimes[] Times(Operations operation, double libTorch, double managed, Func<double>? noise = null)
    {
        double[] Of(double time) => [.. Rounds.Select(x => x * time * (noise?.Invoke() ?? 1))];
        return [new(operation, false, false, [Of(libTorch), Of(3 * libTorch)]), new(operation, true, true, [Of(managed), Of(3 * managed)])];
    }
}

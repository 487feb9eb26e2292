using CsCheck;
using ResidualPrompts.Randomness;

namespace ResidualPrompts.Tests.Randomness;

public sealed class DeterministicOrderTests
{
    [Fact]
    public void SplitMix64_gives_its_published_numbers()
    {
        var random = new SplitMix64(1234567);
        new[] { random.Next(), random.Next(), random.Next() }.Should().Equal(6457827717110365317, 3203168211198807973, 9817491932198370423);
    }

    // Computed by a program of its own in Python from the description in DeterministicOrder's remarks.
    [Theory]
    [InlineData(0, nameof(RandomPurpose.TrainingOrder), 0, new[] { 1, 7, 6, 2, 0, 9, 8, 4, 5, 3 })]
    [InlineData(0, nameof(RandomPurpose.TrainingOrder), 1, new[] { 1, 9, 6, 2, 3, 7, 4, 8, 0, 5 })]
    [InlineData(1, nameof(RandomPurpose.TrainingOrder), 0, new[] { 0, 8, 1, 4, 2, 3, 6, 9, 7, 5 })]
    [InlineData(0, nameof(RandomPurpose.ValidationSplit), 0, new[] { 2, 6, 9, 0, 7, 1, 5, 3, 8, 4 })]
    [InlineData(-1, nameof(RandomPurpose.FewShot), 3, new[] { 7, 9, 0, 2, 4, 8, 1, 3, 5, 6 })]
    public void An_order_is_the_same_everywhere(long seed, string purpose, int number, int[] expected) =>
        DeterministicOrder.Permutation(expected.Length, seed, Enum.Parse<RandomPurpose>(purpose), number).Should().Equal(expected);

    [Fact]
    public void Every_position_comes_up_once() =>
        Gen.Select(Gen.Int[0, 300], Gen.Long).Sample((count, seed) =>
            DeterministicOrder.Permutation(count, seed, RandomPurpose.TrainingOrder).Order().Should().Equal(Enumerable.Range(0, count)));

    [Fact]
    public void All_orders_of_four_are_about_equally_frequent()
    {
        const int Runs = 24_000;
        var counts = Enumerable.Range(0, Runs).CountBy(seed => string.Concat(DeterministicOrder.Permutation(4, seed, RandomPurpose.FewShot)))
            .ToList();
        counts.Should().HaveCount(24).And.OnlyContain(order => Math.Abs(order.Value - (Runs / 24)) < 150); // 4.8 standard deviations
    }
}

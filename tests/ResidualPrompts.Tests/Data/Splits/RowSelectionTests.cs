using CsCheck;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Randomness;

namespace ResidualPrompts.Tests.Data.Splits;

public sealed class RowSelectionTests
{
    [Theory]
    [InlineData(0.1, new[] { 100, 25, 14, 2, 1 }, new[] { 10, 3, 1, 1, 0 })]
    [InlineData(0.5, new[] { 3, 2, 1 }, new[] { 2, 1, 0 })]
    [InlineData(0.99, new[] { 10, 2, 1 }, new[] { 9, 1, 0 })]
    [InlineData(0.001, new[] { 10, 2, 1 }, new[] { 1, 1, 0 })]
    [InlineData(0, new[] { 10, 2 }, new[] { 0, 0 })]
    public void Each_class_gives_its_share_and_keeps_a_row(double fraction, int[] sizes, int[] expected)
    {
        var selection = RowSelection.HoldOut(Rows.OfClasses(sizes), fraction, Rows.ClassOf, 7);
        expected.Index().Select(item => selection.Selected.Count(row => Rows.ClassOf(row) == item.Index.ToString())).Should().Equal(expected);
    }

    [Fact]
    public void Rows_are_divided_without_loss_and_keep_their_order_and_index() =>
        Gen.Select(Gen.Int[0, 20].Array[1, 4], Gen.Double[0, 0.95], Gen.Long).Sample((sizes, fraction, seed) =>
        {
            var selection = RowSelection.HoldOut(Rows.OfClasses(sizes), fraction, Rows.ClassOf, seed);
            Rows.Indices(selection.Selected).Should().BeInAscendingOrder();
            Rows.Indices(selection.Rest).Should().BeInAscendingOrder();
            Rows.Indices(selection.Selected.Concat(selection.Rest)).Order().Should().Equal(Enumerable.Range(0, sizes.Sum()));
        });

    [Fact]
    public void Rows_that_belong_together_are_chosen_together()
    {
        var rows = Rows.OfClasses(30, 30);
        static string? GroupOf(Example row) => $"{row.Index % 20}"; // three rows, of both classes
        var chosen = RowSelection.PerClass(rows, 4, Rows.ClassOf, 0, RandomPurpose.ValidationLimit, GroupOf).Selected;
        var (half, rest, _) = RowSelection.Halve(rows, 0, GroupOf);
        var heldOut = RowSelection.HoldOut(rows, 0.1, Rows.ClassOf, 1, GroupOf);

        chosen.CountBy(row => GroupOf(row)!).Should().HaveCount(4).And.OnlyContain(group => group.Value == 3);
        half.Select(GroupOf).Should().NotIntersectWith(rest.Select(GroupOf));
        (half.Count, rest.Count).Should().Be((30, 30));
        heldOut.Selected.CountBy(row => GroupOf(row)!).Should().HaveCount(2).And.OnlyContain(group => group.Value == 3);
        RowSelection.PerClass(rows, 40, Rows.ClassOf, 0, RandomPurpose.ValidationLimit, GroupOf)
            .Notes.Should().Equal("The data has 20 groups, 40 were asked for: all are taken.");
    }

    [Fact]
    public void The_seed_chooses_and_nothing_else()
    {
        int[] Chosen(long seed) => Rows.Indices(RowSelection.HoldOut(Rows.OfClasses(50, 50), 0.1, Rows.ClassOf, seed).Selected);
        Chosen(1).Should().Equal(Chosen(1)).And.NotEqual(Chosen(2));
        Chosen(1).Should().Equal(3, 8, 10, 20, 21, 51, 65, 68, 78, 80); // fixed: a change breaks every run that is to be repeated
    }

    [Fact]
    public void The_choice_within_a_class_does_not_depend_on_how_the_classes_are_mixed()
    {
        var sorted = Rows.OfClasses(30, 30);
        List<Example> mixed = [.. sorted.Take(30).Zip(sorted.Skip(30)).SelectMany(pair => new[] { pair.Second, pair.First })];
        var fromSorted = RowSelection.PerClass(sorted, 5, Rows.ClassOf, 3, RandomPurpose.FewShot).Selected;
        RowSelection.PerClass(mixed, 5, Rows.ClassOf, 3, RandomPurpose.FewShot).Selected.Should().BeEquivalentTo(fromSorted);
    }

    [Fact]
    public void Few_shot_takes_k_of_each_class_and_says_which_are_too_small()
    {
        var selection = RowSelection.PerClass(Rows.OfClasses(115, 119, 16), 20, Rows.ClassOf, 0, RandomPurpose.FewShot);
        selection.Selected.CountBy(Rows.ClassOf).Select(size => size.Value).Should().Equal(20, 20, 16);
        selection.Notes.Should().Equal("Class '2' has 16 rows, 20 were asked for: all are taken.");
    }

    [Fact]
    public void Without_classes_k_rows_are_taken_in_all()
    {
        var selection = RowSelection.PerClass(Rows.OfClasses(30, 30), 20, _ => null, 0, RandomPurpose.FewShot);
        selection.Selected.Should().HaveCount(20);
        selection.Notes.Should().BeEmpty();
        RowSelection.PerClass(Rows.OfClasses(1), 2, _ => null, 0, RandomPurpose.FewShot)
            .Notes.Should().Equal("The data has 1 row, 2 were asked for: all are taken.");
    }

    [Theory]
    [InlineData(104, 52)]
    [InlineData(5, 2)]
    public void Halves_are_halves(int count, int selected)
    {
        var halves = RowSelection.Halve(Rows.OfClasses(count), 0);
        (halves.Selected.Count, halves.Rest.Count).Should().Be((selected, count - selected));
        Rows.Indices(halves.Selected).Should().NotEqual(Enumerable.Range(0, selected));
    }
}

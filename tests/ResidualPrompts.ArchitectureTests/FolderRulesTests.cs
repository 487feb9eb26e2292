namespace ResidualPrompts.ArchitectureTests;

/// <summary>What the list of arrows must notice, on graphs made up for it.</summary>
public sealed class FolderRulesTests
{
    private const string Allowed = """
        Cellar →
        Hall → Cellar,
            Kitchen
        Kitchen → Cellar
        """;

    private static readonly FolderRules Rules = new(Allowed);

    [Fact]
    public void A_house_as_it_is_allowed_has_no_violation()
    {
        var house = House(("Cellar", []), ("Hall", ["Cellar", "Kitchen"]), ("Kitchen", ["Cellar"]));
        Rules.Violations(house).Should().BeEmpty();
        FolderRules.Cycles(house).Should().BeEmpty();
    }

    [Fact]
    public void An_arrow_that_is_not_allowed_is_noticed() =>
        Rules.Violations(House(("Cellar", ["Hall"]), ("Hall", ["Cellar", "Kitchen"]), ("Kitchen", ["Cellar"])))
            .Should().Equal("Cellar → Hall is not allowed");

    [Fact]
    public void An_allowed_arrow_that_nobody_uses_is_noticed() =>
        Rules.Violations(House(("Cellar", []), ("Hall", ["Cellar"]), ("Kitchen", ["Cellar"])))
            .Should().Equal("Hall → Kitchen is allowed, but nobody uses it");

    [Fact]
    public void A_folder_without_a_line_and_a_line_without_a_folder_are_noticed() =>
        Rules.Violations(House(("Attic", []), ("Cellar", []), ("Hall", ["Cellar", "Kitchen"]))).Should().Equal(
            "Kitchen → Cellar is allowed, but nobody uses it", "Attic has no line in the list",
                "Kitchen is in the list, but there is no such folder");

    [Fact]
    public void Folders_that_know_each_other_in_a_circle_are_noticed_once()
    {
        FolderRules.Cycles(House(("A", ["B"]), ("B", ["C"]), ("C", ["A", "D"]), ("D", []))).Should().Equal("A, B, C");
        FolderRules.Cycles(House(("A", ["B"]), ("B", ["A"]), ("C", ["D"]), ("D", ["C"]))).Should().Equal("A, B", "C, D");
    }

    [Fact]
    public void Only_a_folder_and_those_below_it_may_know_each_other()
    {
        FolderRules.Cycles(House(("A", ["A.B"]), ("A.B", ["A"]))).Should().BeEmpty();
        FolderRules.Cycles(House(("A", ["A.B.C"]), ("A.B.C", ["A"]))).Should().BeEmpty();
        FolderRules.Cycles(House(("A.B", ["A.C"]), ("A.C", ["A.B"]))).Should().Equal("A.B, A.C"); // siblings
        FolderRules.Cycles(House(("A", ["AB"]), ("AB", ["A"]))).Should().Equal("A, AB"); // the name alone begins alike
        FolderRules.Cycles(House(("A", ["A.B"]), ("A.B", ["C"]), ("C", ["A.B"]))).Should().Equal("A.B, C");
    }

    [Theory]
    [InlineData("Hall Cellar")]
    [InlineData("Hall → Cellar\nHall → Kitchen")]
    public void A_list_that_cannot_be_read_is_refused(string text) =>
        FluentActions.Invoking(() => new FolderRules(text)).Should().Throw<ArgumentException>();

    private static Dictionary<string, SortedSet<string>> House(params (string Folder, string[] Used)[] folders) =>
        folders.ToDictionary(folder => folder.Folder, folder => new SortedSet<string>(folder.Used, StringComparer.Ordinal));
}

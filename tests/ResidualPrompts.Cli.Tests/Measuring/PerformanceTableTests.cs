using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Measuring.Targets;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Measuring;

public sealed class PerformanceTableTests
{
    private static string Row(TargetRow row, JsonObject?[] results) =>
        PerformanceTable.Row(row, results) is var (what, measured, target, met) ? $"{what} | {measured} | {target} | {met}" : "";

    [Theory]
    [InlineData(0.98, true, "step | 0.98 | ≥ 0.98 | yes")]
    [InlineData(0.9123, false, "step | 0.912 | ≥ 0.98 | **no**, not quiet")]
    public void A_row_says_what_was_measured_and_whether_it_is_enough(double value, bool quiet, string expected)
    {
        var row = TargetRow.Of("step", Limit.AtLeast(0.98), "", ["step"], "fraction_of_raw");
        Row(row, [new JsonObject { ["fraction_of_raw"] = value, ["quiet"] = quiet }]).Should().Be(expected);
    }

    [Fact]
    public void Less_is_better_where_the_limit_is_a_maximum()
    {
        var row = TargetRow.Of("load", Limit.AtMost(1.2), " s", ["load"], "seconds.prepared", result => $"{result["rounds"]} rounds");
        JsonObject Result(double seconds) => new() { ["seconds"] = new JsonObject { ["prepared"] = seconds }, ["rounds"] = 3, ["quiet"] = null };
        Row(row, [Result(1.2)]).Should().Be("load | 1.2 s (3 rounds) | ≤ 1.2 s | yes, quiet unknown");
        Row(row, [Result(1.2004)]).Should().Be("load | 1.2 s (3 rounds) | ≤ 1.2 s | **no**, quiet unknown");
    }

    [Theory]
    [InlineData(0.98, 1.05, true, "step | 1 (quartiles 0.98 and 1.05; 7 ms) | ≥ 0.98 | yes")]
    [InlineData(0.97, 1.05, true, "step | 1 (quartiles 0.97 and 1.05; 7 ms) | ≥ 0.98 | **no**")]
    [InlineData(0.97, 1.01, false, "step | 1 (quartiles 0.97 and 1.01; 7 ms) | ≤ 1.02 | yes")]
    [InlineData(0.97, 1.03, false, "step | 1 (quartiles 0.97 and 1.03; 7 ms) | ≤ 1.02 | **no**")]
    public void Where_there_are_quartiles_the_worse_one_must_meet_the_limit(double lower, double upper, bool isLeast, string expected)
    {
        var limit = isLeast ? Limit.AtLeast(0.98) : Limit.AtMost(1.02);
        var row = TargetRow.Of("step", limit, "", ["step"], "value", _ => "7 ms") with { Quartiles = _ => (lower, upper) };
        Row(row, [new JsonObject { ["value"] = 1.0, ["quiet"] = true }]).Should().Be(expected);
    }

    [Fact]
    public void Targets_of_steps_and_dropout_follow_the_processor_and_are_judged_by_quartiles_of_nine_alternations()
    {
        TargetRow[] Rows(FamilyTargets targets) =>
            [.. new TargetTable("", "", "", IsQuick: false) { Targets = targets }.Rows().Where(row => row.Quartiles is not null)];
        double[] Limits(FamilyTargets targets) => [.. Rows(targets).Select(row => row.Limit!.Value)];
        Limits(FamilyTargets.Intel).Should().Equal(0.8, 0.92, 0.92, 0.65, 0.8, 0.85, 8);
        Limits(FamilyTargets.Others).Should().Equal(0.87, 0.98, 0.98, 0.8, 0.9, 0.9, 6);
        Rows(FamilyTargets.Intel).Should().OnlyContain(row => row.Commands.Count == 1 && string.Join(' ', row.Commands[0]).EndsWith("--steps 9"));
    }

    [Fact]
    public void What_failed_or_could_not_be_measured_is_not_met()
    {
        var row = TargetRow.Of("tokenizer", Limit.AtLeast(0.6), " ×", ["tokenize"], "rate_by_spm_encode");
        Row(row, [null]).Should().Be("tokenizer | failed | ≥ 0.6 × | **no**");
        Row(row, [new JsonObject { ["rate_by_spm_encode"] = null, ["quiet"] = true }])
            .Should().Be("tokenizer | not measured | ≥ 0.6 × | ");
    }

    [Fact]
    public void A_table_takes_the_place_of_the_old_one_and_nothing_else_changes()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("performance.md", $"before\n{MarkedSection.Targets.Begin}\nold\n{MarkedSection.End}\nafter\n");
        MarkedSection.Targets.IsIn(path).Should().BeTrue();
        MarkedSection.Targets.Write(path, "new\n");
        File.ReadAllText(path).Should().Be($"before\n{MarkedSection.Targets.Begin}\nnew\n{MarkedSection.End}\nafter\n");
        MarkedSection.Targets.IsIn(folder.Write("other.md", $"{MarkedSection.End}\n{MarkedSection.Targets.Begin}\n")).Should().BeFalse();
    }

    [Fact]
    public void Machines_of_two_makers_stand_side_by_side_and_are_read_again()
    {
        var amd = new MachineTable("AMD", [new("step", "1.5 (7 ms)", "≥ 0.9", "yes"), new("int8", "1.9 ×", "", "")], "2026-11-29, an EPYC.");
        var intel = new MachineTable("Intel", [new("step", "0.7", "≥ 0.8", "**no**, not quiet"),
            new("load", "0.2 s", "≤ 1 s", "yes")], "today, a Xeon.");

        var text = MachineTable.SideBySide([intel, amd]);

        text.Should().Be(
            "| what | AMD | target | met | Intel | target | met |\n|---|---|---|---|---|---|---|\n"
            + "| step | 1.5 (7 ms) | ≥ 0.9 | yes | 0.7 | ≥ 0.8 | **no**, not quiet |\n| int8 | 1.9 × |  |  |  |  |  |\n"
            + "| load |  |  |  | 0.2 s | ≤ 1 s | yes |\n\nAMD: 2026-11-29, an EPYC.\n\nIntel: today, a Xeon.\n");
        MachineTable[] read = [.. MachineTable.Read(text)];
        MachineTable.SideBySide(read).Should().Be(text);
        read.Select(machine => (machine.Maker, machine.Rows.Count)).Should().Equal(("AMD", 2), ("Intel", 2));
        MachineTable.Read("old\n").Should().BeEmpty();
    }

    [Fact]
    public void The_tables_have_their_places_in_the_document()
    {
        var document = Path.Combine(Snapshot.Repository(), MarkedSection.Document);
        MarkedSection.Targets.IsIn(document).Should().BeTrue();
        MarkedSection.Ablation.IsIn(document).Should().BeTrue();
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(5.2344, "5.23")]
    [InlineData(1234.6, "1235")]
    [InlineData(0.00012345, "0.000123")]
    [InlineData(double.NaN, "unknown")]
    public void Numbers_for_people_have_three_digits_that_count(double value, string expected) => MeasuredText.Of(value).Should().Be(expected);
}

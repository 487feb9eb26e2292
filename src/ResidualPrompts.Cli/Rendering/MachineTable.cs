using System.Text;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>A formatted row of the table of targets.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Measured">The value with unit and remarks.</param>
/// <param name="Target">The target; empty where there is none.</param>
/// <param name="Met">Whether it is met, and whether the measurement was disturbed.</param>
internal sealed record MeasuredRow(string What, string Measured, string Target, string Met);

/// <summary>What was measured on one machine. Tables of several makers' processors stand side by side in one Markdown table.</summary>
/// <param name="Maker">Who made the processor.</param>
/// <param name="Rows">The rows, in the order of the table.</param>
/// <param name="Machine">Machine and versions, in one sentence.</param>
internal sealed record MachineTable(string Maker, IReadOnlyList<MeasuredRow> Rows, string Machine)
{
    private const int CellsOfMachine = 3;
    private const string FirstHeading = "what";

    /// <summary>One Markdown table of all machines, by maker, followed by a line about each machine.</summary>
    internal static string SideBySide(IEnumerable<MachineTable> machines)
    {
        MachineTable[] sorted = [.. machines.OrderBy(machine => machine.Maker, StringComparer.Ordinal)];
        var text = new StringBuilder();
        text.Append(Line([FirstHeading, .. sorted.SelectMany(machine => new[] { machine.Maker, "target", "met" })]));
        text.Append('|').Insert(text.Length, "---|", 1 + (CellsOfMachine * sorted.Length)).Append('\n');
        foreach (var what in sorted.SelectMany(machine => machine.Rows).Select(row => row.What).Distinct())
        {
            text.Append(Line([
                what,
                .. sorted.Select(machine => machine.Rows.FirstOrDefault(row => row.What == what))
                    .SelectMany(row => row is null ? ["", "", ""] : new[] { row.Measured, row.Target, row.Met }),
            ]));
        }

        foreach (var machine in sorted)
            text.Append('\n').Append(machine.Maker).Append(": ").Append(machine.Machine).Append('\n');
        return text.ToString();
    }

    /// <summary>Reads what <see cref="SideBySide"/> wrote; nothing from any other text.</summary>
    internal static IEnumerable<MachineTable> Read(string text)
    {
        string[] lines = [.. text.Split('\n').Where(line => line.Length > 0)];
        string[][] table = [.. lines.TakeWhile(line => line.StartsWith('|')).Select(Cells)];
        if (table is not [[FirstHeading, ..] headings, ..])
            yield break;
        for (var at = 1; at + CellsOfMachine <= headings.Length; at += CellsOfMachine)
        {
            var maker = headings[at];
            var prefix = $"{maker}: ";
            MeasuredRow[] rows =
                [.. table.Skip(2).Where(row => row.Length == headings.Length && row[at].Length > 0)
                    .Select(row => new MeasuredRow(row[0], row[at], row[at + 1], row[at + 2]))];
            var machine = lines.FirstOrDefault(line => line.StartsWith(prefix, StringComparison.Ordinal)) ?? prefix;
            yield return new MachineTable(maker, rows, machine[prefix.Length..]);
        }
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |\n";

    private static string[] Cells(string line) => [.. line.Trim().Trim('|').Split('|').Select(cell => cell.Trim())];
}

using ResidualPrompts.Cli.Diagnosis;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Prints the report of <c>doctor</c>: facts in two columns, then every problem with its remedy.</summary>
internal static class DoctorTable
{
    internal static void Print(InstallationReport report)
    {
        var width = report.Facts.Max(fact => fact.Name.Length);
        foreach (var (name, value) in report.Facts)
            Console.WriteLine($"{name.PadRight(width)}  {value}");
        Console.WriteLine();
        if (report.Problems.Count == 0)
            Console.WriteLine("No problems found.");
        foreach (var problem in report.Problems)
            Console.WriteLine($"PROBLEM: {problem.What}.\n  {problem.Remedy}");
    }
}

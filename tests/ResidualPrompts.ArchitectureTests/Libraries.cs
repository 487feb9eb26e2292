using System.Reflection;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>The libraries that the rules are for.</summary>
internal static class Libraries
{
    internal static Assembly[] All { get; } = [typeof(InputException).Assembly, typeof(Runs.TrainingRun).Assembly];

    internal static IEnumerable<Type> Types => All.SelectMany(library => library.GetTypes());
}

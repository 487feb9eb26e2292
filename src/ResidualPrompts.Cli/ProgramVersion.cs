using System.Reflection;

namespace ResidualPrompts.Cli;

/// <summary>The version of this build.</summary>
internal static class ProgramVersion
{
    internal static string Text { get; } =
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}

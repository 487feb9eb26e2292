using System.CommandLine;

namespace ResidualPrompts.Cli.Commands;

internal static class DoctorCommand
{
    internal static Command Create() => new("doctor", "Show versions, cores, memory and how libtorch was loaded, and check each.");
}

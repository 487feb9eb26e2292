using System.CommandLine;
using ResidualPrompts.Cli.Diagnosis;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>doctor</c>: what this machine and this installation are, and what is wrong with them.</summary>
internal static class DoctorCommand
{
    internal static Command Create()
    {
        var command = new Command("doctor", "Show versions, cores, memory and how libtorch was loaded, and say how to mend what is wrong.");
        command.SetAction(_ =>
        {
            var report = InstallationReport.Make();
            DoctorTable.Print(report);
            return report.Problems.Count == 0 ? ExitCode.Good : ExitCode.Failed;
        });
        return command;
    }
}

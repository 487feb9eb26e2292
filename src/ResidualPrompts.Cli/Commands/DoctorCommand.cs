using System.CommandLine;
using ResidualPrompts.Cli.Diagnosis;
using ResidualPrompts.Cli.Rendering;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>doctor</c>: describes this machine and this installation, and their problems.</summary>
internal static class DoctorCommand
{
    internal static Command Create()
    {
        var command = new Command("doctor", "Show versions, cores, memory and how libtorch was loaded, and how to fix any problems.");
        command.SetAction(_ =>
        {
            StandardOutput.Require();
            var report = InstallationReport.Make();
            DoctorTable.Print(report);
            return report.Problems.Count == 0 ? ExitCode.Good : ExitCode.Failed;
        });
        return command;
    }
}

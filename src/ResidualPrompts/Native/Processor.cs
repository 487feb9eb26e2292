using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using System.Text;

#pragma warning disable RS0030 // The kernel's files; Native uses no other folder.

namespace ResidualPrompts.Native;

/// <summary>The processor of this process: its name, and the instruction sets on which the speed of the kernels depends.</summary>
internal static class Processor
{
    /// <summary>The maker Intel, as <see cref="Vendor"/> names it.</summary>
    internal const string Intel = "GenuineIntel";

    /// <summary>The name as the system gives it; the architecture where it gives none.</summary>
    internal static string Name { get; } = NameIn(ProcessorTable()) ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") // Windows
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    /// <summary>The maker as an x86 processor names it, such as <see cref="Intel"/>; null on others.</summary>
    internal static string? Vendor { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0) is (_, var first, var last, var middle)
        ? Encoding.ASCII.GetString(MemoryMarshal.AsBytes((ReadOnlySpan<int>)[first, middle, last])) : null;

    /// <summary>The maker's name for people; the architecture where the processor names no maker.</summary>
    internal static string Maker { get; } = Vendor switch
    {
        Intel => "Intel",
        "AuthenticAMD" => "AMD",
        null => RuntimeInformation.ProcessArchitecture.ToString(),
        var other => other,
    };

    /// <summary>The instruction sets that .NET may use here, as Linux names them, from the oldest to the newest; possibly none.</summary>
    internal static IReadOnlyList<string> InstructionSets { get; } =
    [
        .. new (string Name, bool IsSupported)[]
        {
            ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported), ("avx512f", Avx512F.IsSupported), ("avx512bw", Avx512BW.IsSupported),
            ("avx_vnni", AvxVnni.IsSupported), ("neon", AdvSimd.Arm64.IsSupported), ("dotprod", Dp.IsSupported),
        }.Where(set => set.IsSupported).Select(set => set.Name),
    ];

    /// <summary>The value of the first line "model name : …" of /proc/cpuinfo; null when there is no such line.</summary>
    internal static string? NameIn(string? table)
    {
        var line = table?.Split('\n').FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?.Split(':', 2) is [_, var name] && name.Trim() is { Length: > 0 } trimmed ? trimmed : null;
    }

    private static string? ProcessorTable()
    {
        try
        {
            return File.ReadAllText("/proc/cpuinfo");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // another system than Linux
        }
    }
}

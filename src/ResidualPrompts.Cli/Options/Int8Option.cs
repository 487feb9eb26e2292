using System.CommandLine;
using ResidualPrompts.Compute;

namespace ResidualPrompts.Cli.Options;

/// <summary>The option <c>--int8</c> of the commands that evaluate or predict.</summary>
internal static class Int8Option
{
    internal static Option<bool> Create() => new("--int8")
    {
        Description = "Compute in 8-bit integers: faster, and slightly less accurate. doctor names the instructions that do it here.",
    };

    /// <summary>The checked value of the option.</summary>
    /// <exception cref="UsageException">The option is given, and this processor does not support it.</exception>
    internal static bool Checked(bool isGiven)
    {
        if (isGiven)
            Require("--int8");
        return isGiven;
    }

    /// <summary>Checks that the processor supports 8-bit products.</summary>
    /// <param name="what">The option or command that needs them.</param>
    /// <exception cref="UsageException">The processor does not.</exception>
    internal static void Require(string what)
    {
        if (ComputeChoice.Int8Kernel is null)
            throw new UsageException($"{what} needs a processor with AVX2, which this one lacks.");
    }
}

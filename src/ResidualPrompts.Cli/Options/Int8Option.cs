using System.CommandLine;
using ResidualPrompts.Compute;

namespace ResidualPrompts.Cli.Options;

/// <summary><c>--int8</c> of the commands that score.</summary>
internal static class Int8Option
{
    internal static Option<bool> Create() => new("--int8")
    {
        Description = "Multiply with the model's weights in 8-bit integers: faster on processors with AVX-VNNI (doctor tells), and a little less exact.",
    };

    /// <summary>The option's value, checked: a warning says when it saves nothing here.</summary>
    /// <exception cref="UsageException">It is given, and this processor cannot do it.</exception>
    internal static bool Checked(bool isGiven)
    {
        if (!isGiven)
            return false;
        Require("--int8");
        if (!ComputeChoice.Int8IsFaster)
            SharedOptions.Warn(["this processor multiplies bytes no faster than floats (it has no AVX-VNNI): --int8 changes results as it does elsewhere, and saves no time"]);
        return true;
    }

    /// <summary>Stops where the processor cannot do it.</summary>
    /// <param name="what">What the user has asked for.</param>
    /// <exception cref="UsageException">It cannot.</exception>
    internal static void Require(string what)
    {
        if (ComputeChoice.Int8Kernel is null)
            throw new UsageException($"{what} needs a processor with AVX2, which this one has not.");
    }
}

using System.CommandLine;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>--int8</c> of the commands that score.</summary>
internal static class Int8Option
{
    internal static Option<bool> Create() => new("--int8")
    {
        Description = "Multiply with the model's weights in 8-bit integers: faster for all but tiny models, and a little less exact.",
    };

    /// <summary>Whether it is given.</summary>
    /// <exception cref="UsageException">It is, and this processor cannot do it.</exception>
    internal static bool IsWanted(ParseResult parsed, Option<bool> option)
    {
        if (!parsed.GetValue(option))
            return false;
        if (T5Model.Int8Kernel is null)
            throw new UsageException("--int8 needs a processor with AVX2, which this one has not.");
        if (!T5Model.Int8IsFaster)
            SharedOptions.Warn(["this processor multiplies bytes no faster than floats (it has no AVX-VNNI): --int8 changes results as it does elsewhere, and saves no time"]);
        return true;
    }
}

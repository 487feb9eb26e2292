using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Measuring.Targets;

/// <summary>
/// Targets that depend on the processor's maker. libtorch's own products, with which a step is compared, use the whole vectors of Intel's processors
/// and half of those of others.
/// </summary>
/// <param name="Base">Least fraction of raw of a T5-base step, for each of <see cref="Positions"/>.</param>
/// <param name="Small">The same for T5-small.</param>
/// <param name="DropoutPercent">Most that dropout may add to a T5-base step with 266 positions.</param>
internal sealed record FamilyTargets(double[] Base, double[] Small, double DropoutPercent)
{
    /// <summary>Positions of the measured steps.</summary>
    internal static IReadOnlyList<int> Positions { get; } = [74, 266, 512];

    internal static FamilyTargets Intel { get; } = new([0.8, 0.92, 0.92], [0.65, 0.8, 0.85], 8);

    /// <summary>AMD's processors, and all others.</summary>
    internal static FamilyTargets Others { get; } = new([0.87, 0.98, 0.98], [0.8, 0.9, 0.9], 6);

    /// <summary>The targets of this processor.</summary>
    internal static FamilyTargets OfThisProcessor => Processor.Vendor == Processor.Intel ? Intel : Others;
}

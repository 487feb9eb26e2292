namespace ResidualPrompts.Randomness;

/// <summary>
/// Derives all seeds of a run from the run's seed. Each purpose, and each epoch or step of it, has its own seed. So a resumed run needs no generator
/// state, and no draw shifts another. The purposes of example orders are in <see cref="RandomPurpose"/>.
/// </summary>
/// <param name="seed">The run's seed.</param>
internal sealed class Seeds(long seed)
{
    private enum Purpose : ulong
    {
        Initialization = 1,
        BackboneDropout = 3,
        NetworkDropout = 4,
    }

    /// <summary>For initial rows and network weights.</summary>
    public ulong Initialization => Derive(Purpose.Initialization, 0);

    /// <summary>For the backbone's dropout in one pass.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="part">Index of the part of an accumulated batch, from 0.</param>
    public ulong BackboneDropout(long step, int part) => Derive(Purpose.BackboneDropout, ((ulong)step << 16) + (ulong)part);

    /// <summary>For the dropout inside the prompt's network in one pass.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="part">Index of the part of an accumulated batch, from 0.</param>
    public ulong NetworkDropout(long step, int part) => Derive(Purpose.NetworkDropout, ((ulong)step << 16) + (ulong)part);

    private ulong Derive(Purpose purpose, ulong number) => First(First(First((ulong)seed) + (ulong)purpose) + number);

    private static ulong First(ulong start) => new SplitMix64(start).Next();
}

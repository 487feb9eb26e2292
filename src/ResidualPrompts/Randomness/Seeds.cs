namespace ResidualPrompts.Randomness;

/// <summary>
/// The one place where a run's seed becomes the seeds of its parts. Each purpose, and each epoch or step of it, has a seed of its own, so
/// that a resumed run needs no generator's state and nothing that is drawn moves anything else. The order of the examples has its
/// purposes in <see cref="RandomPurpose"/>.
/// </summary>
/// <param name="seed">The run's seed.</param>
public sealed class Seeds(long seed)
{
    private enum Purpose : ulong
    {
        Initialization = 1,
        BackboneDropout = 3,
        NetworkDropout = 4,
    }

    /// <summary>For start rows and the network's weights.</summary>
    public ulong Initialization => Derive(Purpose.Initialization, 0);

    /// <summary>For the dropout of the backbone in one pass.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="part">Which part of an accumulated batch, from 0.</param>
    public ulong BackboneDropout(long step, int part) => Derive(Purpose.BackboneDropout, ((ulong)step << 16) + (ulong)part);

    /// <summary>For the dropout inside the prompt's network in one pass.</summary>
    /// <param name="step">From 1.</param>
    /// <param name="part">Which part of an accumulated batch, from 0.</param>
    public ulong NetworkDropout(long step, int part) => Derive(Purpose.NetworkDropout, ((ulong)step << 16) + (ulong)part);

    private ulong Derive(Purpose purpose, ulong number) => First(First(First((ulong)seed) + (ulong)purpose) + number);

    private static ulong First(ulong start) => new SplitMix64(start).Next();
}

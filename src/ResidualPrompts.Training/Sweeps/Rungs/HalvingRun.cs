namespace ResidualPrompts.Sweeps.Rungs;

/// <summary>How far a run has got up the rungs.</summary>
/// <param name="Bracket">What it is compared within: its task and data.</param>
/// <param name="Setting">Its settings without the seeds; runs that share them are promoted together.</param>
/// <param name="BestAtRung">
/// Its best validation value up to each rung that it has reached, whatever it reached later; null where the metric is undefined.
/// </param>
/// <param name="IsFailed">Whether it failed on the way to the next rung.</param>
internal sealed record HalvingRun(string Bracket, string Setting, IReadOnlyList<double?> BestAtRung, bool IsFailed = false);

/// <summary>What halving wants of a run.</summary>
/// <param name="Rung">The rung to which it is trained, from 0.</param>
/// <param name="Order">What is left to do.</param>
internal readonly record struct HalvingStep(int Rung, HalvingOrder Order);

/// <summary>What halving wants of a run.</summary>
internal enum HalvingOrder
{
    /// <summary>To train it to its rung.</summary>
    Train,

    /// <summary>To wait: other runs have not reached the rung, so that nothing is decided.</summary>
    Wait,

    /// <summary>To leave it at its rung: it was not promoted.</summary>
    Pause,

    /// <summary>Nothing: it has reached the last rung.</summary>
    Done,

    /// <summary>Nothing: it failed.</summary>
    Fail,
}

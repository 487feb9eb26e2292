namespace ResidualPrompts.Compute;

/// <summary>Numbers of work items that several threads share: each goes to whichever thread asks next.</summary>
/// <param name="count">How many there are.</param>
internal sealed class WorkItems(int count)
{
    private int _next = -1;

    /// <summary>The next one; false when all have been taken.</summary>
    internal bool TryTake(out int item)
    {
        item = Interlocked.Increment(ref _next);
        return item < count;
    }
}

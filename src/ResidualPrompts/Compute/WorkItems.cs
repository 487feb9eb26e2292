namespace ResidualPrompts.Compute;

/// <summary>Indices of work items that several threads share: each goes to the thread that asks next.</summary>
/// <param name="count">Number of items.</param>
internal sealed class WorkItems(int count)
{
    private int _next = -1;

    /// <summary>Takes the next item; false when none are left.</summary>
    internal bool TryTake(out int item)
    {
        item = Interlocked.Increment(ref _next);
        return item < count;
    }
}

namespace ResidualPrompts.Compute.Managed;

/// <summary>The same work for every row of a matrix, in blocks that threads take one after another.</summary>
internal static class ParallelRows
{
    private const int RowsAtOnce = 32;
    private const int MinElementsForThreads = 1 << 15;

    /// <summary>Does it.</summary>
    /// <param name="rowCount">Rows, at least one.</param>
    /// <param name="size">Elements of a row.</param>
    /// <param name="threadCount">The most threads to take.</param>
    /// <param name="action">Is given the number of the row.</param>
    internal static void For(int rowCount, int size, int threadCount, Action<int> action)
    {
        if ((long)rowCount * size < MinElementsForThreads)
            threadCount = 1;
        ComputeTeam.Run(threadCount, (rowCount + RowsAtOnce - 1) / RowsAtOnce, blocks =>
        {
            while (blocks.TryTake(out var block))
            {
                for (var row = block * RowsAtOnce; row < Math.Min(rowCount, (block + 1) * RowsAtOnce); row++)
                    action(row);
            }
        });
    }
}

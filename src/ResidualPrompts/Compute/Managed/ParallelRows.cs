namespace ResidualPrompts.Compute.Managed;

/// <summary>Runs an action for every row of a matrix, in blocks that threads take one at a time.</summary>
internal static class ParallelRows
{
    private const int RowsAtOnce = 32;
    private const int MinElementsForThreads = 1 << 15;

    /// <summary>Runs the action for every row and returns when all are done.</summary>
    /// <param name="rowCount">Rows, at least one.</param>
    /// <param name="size">Elements of a row.</param>
    /// <param name="threadCount">Maximum number of threads.</param>
    /// <param name="action">Receives the row's index.</param>
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

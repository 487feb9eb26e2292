namespace ResidualPrompts.Compute.Dropout;

/// <summary>Runs an action for every row of a matrix, in parts that threads take one at a time.</summary>
internal static class MaskedRows
{
    private const int MinElementsForThreads = 1 << 16;

    /// <summary>Runs the action for every row and returns when all are done.</summary>
    /// <param name="rowCount">Rows, at least one.</param>
    /// <param name="size">Elements of a row.</param>
    /// <param name="threadCount">Maximum number of threads.</param>
    /// <param name="action">Receives the row's index and that of its first element.</param>
    internal static void For(int rowCount, int size, int threadCount, Action<int, long> action)
    {
        var partCount = (long)rowCount * size < MinElementsForThreads ? 1 : threadCount;
        ComputeTeam.Run(partCount, partCount, parts =>
        {
            while (parts.TryTake(out var part))
            {
                var (from, to) = ((int)((long)rowCount * part / partCount), (int)((long)rowCount * (part + 1) / partCount));
                for (var row = from; row < to; row++)
                    action(row, (long)row * size);
            }
        });
    }
}

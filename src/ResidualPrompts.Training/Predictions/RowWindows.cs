using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace ResidualPrompts.Predictions;

/// <summary>Divides rows into windows that are predicted together.</summary>
public static class RowWindows
{
    /// <summary>Maximum number of rows in a window; the rows of a window are sorted by length together.</summary>
    public const int Size = 1024;

    /// <summary>
    /// Windows of the available rows: each waits for one row and takes all that have arrived meanwhile, so slow input is answered at once. A
    /// separate thread reads the rows. Their timing decides which rows share a window, and so the last digits of the scores.
    /// </summary>
    /// <typeparam name="T">Type of the rows.</typeparam>
    /// <param name="rows">The rows; an exception of theirs is rethrown after the rows before it.</param>
    public static IEnumerable<T[]> AsTheyCome<T>(IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        // Neither is disposed: the thread may still wait for input after the caller has stopped.
        var queue = new BlockingCollection<T>(2 * Size);
        var stop = new CancellationTokenSource();
        ExceptionDispatchInfo? failure = null;
        var reader = new Thread(() =>
        {
            try
            {
                foreach (var row in rows)
                    queue.Add(row, stop.Token);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                queue.CompleteAdding();
            }
        })
        { IsBackground = true, Name = "reading rows" };
        reader.Start();
        try
        {
            var window = new List<T>(Size);
            while (queue.TryTake(out var row, Timeout.Infinite))
            {
                window.Add(row);
                while (window.Count < Size && queue.TryTake(out row))
                    window.Add(row);
                yield return [.. window];
                window.Clear();
            }

            failure?.Throw();
        }
        finally
        {
            stop.Cancel();
        }
    }
}

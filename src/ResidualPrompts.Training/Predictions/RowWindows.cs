using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace ResidualPrompts.Predictions;

/// <summary>Rows in groups that are predicted together.</summary>
public static class RowWindows
{
    /// <summary>Rows in a window: as many as are sorted by length together.</summary>
    public const int Size = 1024;

    /// <summary>
    /// Windows of what is there: the first waits for one row, and takes what has come meanwhile, so that slow input is answered at once.
    /// The rows are read on a thread of their own. Which rows share a window, and with it the last digits of scores, depends on their timing.
    /// </summary>
    /// <typeparam name="T">The rows.</typeparam>
    /// <param name="rows">The rows; what they throw is thrown after the rows before it.</param>
    public static IEnumerable<T[]> AsTheyCome<T>(IEnumerable<T> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        // Neither is disposed: the thread may wait for input when nobody wants it any more.
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

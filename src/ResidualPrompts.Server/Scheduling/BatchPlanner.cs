namespace ResidualPrompts.Server.Scheduling;

/// <summary>
/// The waiting rows, oldest first, and the choice of the next batch: the oldest row and, in order of age, all rows of the same kind that fit
/// into the budget. A long row that does not fit is skipped; it soon becomes the oldest.
/// </summary>
/// <param name="maxRows">Maximum rows per batch.</param>
/// <param name="maxTokens">Maximum tokens per batch, padding included.</param>
internal sealed class BatchPlanner(int maxRows, int maxTokens)
{
    private readonly LinkedList<QueuedRow> _waiting = new();

    internal bool IsEmpty => _waiting.Count == 0;

    /// <summary>Arrival time of the oldest row.</summary>
    internal long OldestEnteredAt => _waiting.First!.Value.Request.EnteredAt;

    internal void Add(PredictionRequest request)
    {
        foreach (var row in request.Rows)
            _waiting.AddLast(row);
    }

    /// <summary>Whether the next batch is full.</summary>
    internal bool IsFull => _waiting.Count >= maxRows || _waiting.Sum(row => (long)row.Content.Length) >= maxTokens;

    /// <summary>Removes and returns the next batch; empty if all waiting rows were canceled.</summary>
    internal List<QueuedRow> Take()
    {
        var batch = new List<QueuedRow>();
        var width = 0;
        for (var node = _waiting.First; node is not null && batch.Count < maxRows;)
        {
            var (row, next) = (node.Value, node.Next);
            if (row.Request.Completion.IsCompleted)
            {
                _waiting.Remove(node);
            }
            else if (batch.Count == 0 || Fits(batch[0], row, width, batch.Count))
            {
                _waiting.Remove(node);
                if (row.Request.TryStart())
                {
                    batch.Add(row);
                    width = Math.Max(width, row.Content.Length);
                }
            }

            node = next;
        }

        return batch;
    }

    private bool Fits(QueuedRow first, QueuedRow row, int width, int count) =>
        row.Request.Kind.GoesWith(first.Request.Kind) && (long)Math.Max(width, row.Content.Length) * (count + 1) <= maxTokens;
}

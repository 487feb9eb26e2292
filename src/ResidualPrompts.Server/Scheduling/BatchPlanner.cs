namespace ResidualPrompts.Server.Scheduling;

/// <summary>
/// The rows that wait, oldest first, and which of them share the next batch: the oldest one, and in order of age all of its kind that fit
/// into the budget. A long row that does not fit is passed over and soon the oldest.
/// </summary>
/// <param name="maxRows">Most rows of a batch.</param>
/// <param name="maxTokens">Most tokens of a batch, padding included.</param>
internal sealed class BatchPlanner(int maxRows, int maxTokens)
{
    private readonly LinkedList<QueuedRow> _waiting = new();

    internal bool IsEmpty => _waiting.Count == 0;

    /// <summary>When the oldest row came.</summary>
    internal long OldestEnteredAt => _waiting.First!.Value.Request.EnteredAt;

    internal void Add(PredictionRequest request)
    {
        foreach (var row in request.Rows)
            _waiting.AddLast(row);
    }

    /// <summary>Whether the next batch has no room left.</summary>
    internal bool IsFull => _waiting.Count >= maxRows || _waiting.Sum(row => (long)row.Content.Length) >= maxTokens;

    /// <summary>Takes the next batch; empty when all rows that waited were given up.</summary>
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

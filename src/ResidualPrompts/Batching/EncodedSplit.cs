using ResidualPrompts.Data;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Batching;

/// <summary>The rows of a split, their token ids, and their answers as the task reads them.</summary>
internal sealed class EncodedSplit
{
    private readonly ExampleEncoder _encoder;
    private TaskExample?[]? _read;

    /// <param name="encoder">Reads rows that were not kept.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="examples">The ids of each row.</param>
    /// <param name="cutCount">Rows whose text was truncated.</param>
    /// <param name="read">The parsed rows, without their texts; null = none were kept.</param>
    internal EncodedSplit(
        ExampleEncoder encoder, IReadOnlyList<Example> rows, IReadOnlyList<EncodedExample> examples, int cutCount, TaskExample?[]? read = null) =>
        (_encoder, Rows, Examples, CutCount, _read) = (encoder, rows, examples, cutCount, read);

    /// <summary>The rows.</summary>
    public IReadOnlyList<Example> Rows { get; }

    /// <summary>The ids of each row.</summary>
    public IReadOnlyList<EncodedExample> Examples { get; }

    /// <summary>Rows whose text was too long and was truncated.</summary>
    public int CutCount { get; }

    /// <summary>
    /// Returns a row as its task sees it: right answer, candidates, group. Its text is empty, because the ids replace it. A row is parsed only
    /// once; if its ids came from the cache, it is parsed on demand.
    /// </summary>
    /// <param name="row">The row's index in <see cref="Rows"/>.</param>
    public TaskExample Read(int row) => (_read ??= new TaskExample?[Rows.Count])[row] ??= _encoder.ReadAnswer(Rows[row]);
}

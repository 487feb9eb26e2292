using ResidualPrompts.Data;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Batching;

/// <summary>Rows of a split with their ids, and with what their task says of their answers.</summary>
public sealed class EncodedSplit
{
    private readonly ExampleEncoder _encoder;
    private TaskExample?[]? _read;

    /// <param name="encoder">Reads rows that were not kept.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="examples">The ids of each row.</param>
    /// <param name="cutCount">Rows whose text was too long.</param>
    /// <param name="read">What was read of each row, without its text; null = nothing was kept.</param>
    internal EncodedSplit(
        ExampleEncoder encoder, IReadOnlyList<Example> rows, IReadOnlyList<EncodedExample> examples, int cutCount, TaskExample?[]? read = null) =>
        (_encoder, Rows, Examples, CutCount, _read) = (encoder, rows, examples, cutCount, read);

    /// <summary>The rows.</summary>
    public IReadOnlyList<Example> Rows { get; }

    /// <summary>The ids of each row.</summary>
    public IReadOnlyList<EncodedExample> Examples { get; }

    /// <summary>Rows whose text was too long and lost its end.</summary>
    public int CutCount { get; }

    /// <summary>
    /// A row as its task sees it: right answer, candidates, group. Its text, which is the ids now, is empty. What encoding has read is not
    /// read again;
    /// rows whose ids were remembered from an earlier run are read when they are asked for, without their text.
    /// </summary>
    /// <param name="row">The row's place in <see cref="Rows"/>.</param>
    public TaskExample Read(int row) => (_read ??= new TaskExample?[Rows.Count])[row] ??= _encoder.ReadAnswer(Rows[row]);
}

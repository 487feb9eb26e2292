using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Runs;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>Reads the rows that a run is to predict, named as its task has them.</summary>
public sealed class RowReader
{
    private readonly Func<TaskDefinition?> _task;
    private readonly string _run;

    /// <param name="task">The run's task, or null when its rows bring token ids; asked only when it is needed.</param>
    /// <param name="run">What to call the run in messages.</param>
    internal RowReader(Func<TaskDefinition?> task, string run) => (_task, _run) = (task, run);

    /// <summary>Reads rows of a file lazily, named as the files of the run's task are; a file of another kind holds a text in each line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Its encoding, and what becomes of bad rows; null = UTF-8, and the first is an exception.</param>
    /// <exception cref="InputException">It cannot be read; while reading: a row is wrong, or a data file holds none.</exception>
    public IEnumerable<Example> Read(string path, ReadOptions? options = null)
    {
        options ??= new ReadOptions();
        if (!ExampleFile.CanRead(path))
            return Texts(TextLines.ReadFile(path, options), options);
        return ReadData(path, options);
    }

    /// <summary>Reads a text in each line of a stream, lazily.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="source">What to call them in messages.</param>
    /// <param name="options">Their encoding, and what becomes of lines that are not in it.</param>
    /// <exception cref="InputException">The template has several fields; while reading: a line is wrong, and nobody is told of bad rows.</exception>
    public IEnumerable<Example> ReadTexts(Stream stream, string source, ReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Texts(TextLines.Read(stream, source, options), options);
    }

    /// <summary>Makes a row of a bare text.</summary>
    /// <param name="text">What the one field of the task's template is to be.</param>
    /// <param name="number">Line number from 1.</param>
    /// <param name="index">Place among the rows, from 0.</param>
    /// <exception cref="RunException">The template has several fields, or the run's rows bring token ids.</exception>
    public Example RowOf(string text, long number, int index)
    {
        var task = _task() ?? throw RunException.NeedsIds(_run);
        return task.Text is null && task.Template is { Fields: [var field] } ? Example.Of(field, text, number, index) : throw RunException.NeedsFields(_run);
    }

    /// <summary>Rows of a program with the names of the task; rows that bring ids stay as they are.</summary>
    internal IEnumerable<Example> Apply(IEnumerable<Example> rows)
    {
        using var all = rows.GetEnumerator();
        if (!all.MoveNext())
            yield break;
        var layout = ExampleEncoder.BringsIds(all.Current) ? new DataLayout() : (_task() ?? throw RunException.NeedsIds(_run)).Layout;
        foreach (var row in layout.Apply(Rest(all)))
            yield return row;
    }

    private IEnumerable<Example> ReadData(string path, ReadOptions options)
    {
        var isEmpty = true;
        var watched = options.OnBadRow is not { } onBadRow ? options : options with
        {
            OnBadRow = row =>
            {
                isEmpty = false;
                onBadRow(row);
            },
        };
        foreach (var row in ExampleFile.Read(path, _task()?.Layout, watched))
        {
            isEmpty = false;
            yield return row;
        }

        if (isEmpty)
            throw DataException.NoRows(path);
    }

    private static IEnumerable<Example> Rest(IEnumerator<Example> rows)
    {
        do
            yield return rows.Current;
        while (rows.MoveNext());
    }

    private IEnumerable<Example> Texts(IEnumerable<TextLine> lines, ReadOptions options)
    {
        var index = 0;
        foreach (var line in lines)
        {
            if (line.Problem is null)
                yield return RowOf(line.Text, line.Number, index);
            else
                options.OnBadRow!(new BadRow(index, line.Number, BadRow.ReasonOf(line.Problem), line.Text));
            index++;
        }
    }
}

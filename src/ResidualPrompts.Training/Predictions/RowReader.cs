using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Runs;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>Reads rows for a run to predict, with the field names of its task.</summary>
public sealed class RowReader
{
    private readonly Func<TaskDefinition?> _task;
    private readonly string _run;

    /// <param name="task">Gives the run's task, or null for rows of token ids; called only when needed.</param>
    /// <param name="run">The run's name in messages.</param>
    internal RowReader(Func<TaskDefinition?> task, string run) => (_task, _run) = (task, run);

    /// <summary>Reads rows of a data file lazily, with the layout of the run's task; any other file has one text per line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Encoding, and what happens to bad rows; null = UTF-8, and the first bad row throws.</param>
    /// <exception cref="InputException">The file cannot be read; while reading: a row is invalid, or a data file has no rows.</exception>
    public IEnumerable<Example> Read(string path, ReadOptions? options = null)
    {
        options ??= new ReadOptions();
        if (!ExampleFile.CanRead(path))
            return Texts(TextLines.ReadFile(path, options), options);
        return ReadData(path, options);
    }

    /// <summary>Reads one text per line of a stream, lazily.</summary>
    /// <param name="stream">The bytes.</param>
    /// <param name="source">Their name in messages.</param>
    /// <param name="options">Encoding, and what happens to lines that cannot be decoded.</param>
    /// <exception cref="InputException">The template has several fields; while reading: a line is invalid and no callback takes bad rows.</exception>
    public IEnumerable<Example> ReadTexts(Stream stream, string source, ReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Texts(TextLines.Read(stream, source, options), options);
    }

    /// <summary>Makes a row from plain text.</summary>
    /// <param name="text">The value of the only field of the task's template.</param>
    /// <param name="number">Line number from 1.</param>
    /// <param name="index">Index of the row, from 0.</param>
    /// <exception cref="RunException">The template has several fields, or the run was trained on token ids.</exception>
    public Example RowOf(string text, long number, int index)
    {
        var task = _task() ?? throw RunException.NeedsIds(_run);
        return task.Text is null && task.Template is { Fields: [var field] }
            ? Example.Of(field, text, number, index)
            : throw RunException.NeedsFields(_run);
    }

    /// <summary>Applies the task's layout to rows in memory; rows of token ids stay unchanged.</summary>
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

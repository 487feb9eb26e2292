using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Parquet;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Predictions;

/// <summary>
/// Predicts a file of any size into another one, window by window. The job can be killed at any moment: a resumed job cuts the output back to the
/// last complete window and continues from there. The final output has the same bytes as without the interruption.
/// </summary>
/// <example>
/// <code>
/// using var run = TrainedRun.Open("runs/first");
/// var options = new PredictionJobOptions { Input = "reviews.csv", Output = "predicted.csv", Mode = RunMode.Resume, SkipsBadRows = true };
/// var done = PredictionJob.Run(run, options);
/// </code>
/// </example>
public sealed class PredictionJob
{
    // Keys of the progress format.
    private const string Encoding = "--encoding";
    private const string Prefix = "--prefix";
    private const string Int8 = "--int8";
    private const string Int8KernelOfOldRecords = "avx-vnni"; // every kernel of that time gave its bits

    private readonly TrainedRun _run;
    private readonly PredictionJobOptions _spec;
    private readonly PredictionPaths _files;
    private readonly List<BadRow> _badRows = []; // bad rows of the window
    private PredictionCheckpoint _state;
    private RowPredictor? _predictor;
    private PredictedRowFormat? _format;
    private double _fraction;
    private readonly List<string> _created = []; // files that did not exist before
    private bool _hasBegun;

    private PredictionJob(TrainedRun run, PredictionJobOptions spec, PredictionPaths files, PredictionCheckpoint state) =>
        (_run, _spec, _files, _state) = (run, spec, files, state);

    private Action<BadRow>? OnBadRow => _spec.SkipsBadRows ? _badRows.Add : null;

    /// <summary>Predicts all rows of the input, or the remaining ones.</summary>
    /// <param name="run">The run.</param>
    /// <param name="spec">Input, output, and how to handle an existing output and bad rows.</param>
    /// <param name="onProgress">Called after each window with the progress.</param>
    /// <param name="cancellationToken">Checked before each batch; written rows are kept, and the job can be resumed.</param>
    /// <returns>The final progress.</returns>
    /// <exception cref="InputException">
    /// The output exists or was begun with other inputs, or a row is bad and bad rows are not skipped; written rows are kept.
    /// </exception>
    public static PredictionProgress Run(
        TrainedRun run, PredictionJobOptions spec, Action<PredictionProgress>? onProgress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(spec);
        var files = new PredictionPaths(spec);
        CheckInput(spec, files);
        var state = StateOf(spec, files, Made(run, spec));
        if (!state.IsFinished)
            return new PredictionJob(run, spec, files, state).Work(onProgress, cancellationToken);
        files.RemoveLeftovers(); // of a process that was killed at the very end
        if (files.IsParquet && File.Exists(files.Rows))
            Disk.Delete(files.Rows);
        if (state.BadRowCount == 0 && IsEmpty(files.Errors))
            Disk.Delete(files.Errors);
        return new PredictionProgress(state.RowCount, state.BadRowCount, state.RowCount, 1);
    }

    private static void CheckInput(PredictionJobOptions spec, PredictionPaths files)
    {
        using (var stream = DataStream.Open(spec.Input))
        {
            if (stream is FileStream { CanSeek: false })
                throw RunException.NotAgain(spec.Input);
        }

        if (new[] { files.Output, files.Rows, files.Errors, files.Progress }.Contains(Path.GetFullPath(spec.Input)))
            throw RunException.OutputIsInput(spec.Output);
    }

    /// <summary>The inputs of the predictions.</summary>
    private static JsonObject Made(TrainedRun run, PredictionJobOptions spec) => new()
    {
        ["input"] = FileDigests.Of(spec.Input),
        ["input extension"] = Path.GetExtension(spec.Input),
        ["run"] = run.Identity(),
        [Encoding] = spec.Encoding?.WebName ?? "utf-8",
        [Prefix] = spec.Prefix,
        [Int8] = run.Int8Kernel is { } kernel ? kernel : false,
    };

    private static PredictionCheckpoint StateOf(PredictionJobOptions spec, PredictionPaths files, JsonObject made)
    {
        var isThere = File.Exists(files.Output) || File.Exists(files.Rows);
        if (spec.Mode == RunMode.New && isThere)
            throw RunException.OutputExists(spec.Output);
        if (spec.Mode != RunMode.Resume)
            return PredictionCheckpoint.Start(made);
        if (PredictionCheckpoint.Read(files.Progress) is not { } state)
        {
            return isThere && !IsEmpty(files.Rows)
                ? throw RunException.OutputWithoutRecord(spec.Output, files.Progress)
                : PredictionCheckpoint.Start(made);
        }

        state.Made.TryAdd(Int8, false); // an output begun before the option existed
        if (state.Made[Int8] is JsonValue was && was.GetValueKind() == JsonValueKind.True)
            state.Made[Int8] = Int8KernelOfOldRecords;
        if (state.Differences(made) is { Count: > 0 } keys)
            throw RunException.OutputChanged(spec.Output, keys);
        if (!File.Exists(state.IsFinished ? files.Output : files.Rows) && state.OutputLength > 0)
            throw RunException.OutputIsGone(spec.Output, files.Progress);
        return state.IsFinished && !IsAsFinished(state, files) ? throw RunException.OutputDiffers(spec.Output, files.Progress) : state;
    }

    /// <summary>Whether the files are those that a finished job left.</summary>
    private static bool IsAsFinished(PredictionCheckpoint state, PredictionPaths files) =>
        (state.OutputDigest is { } digest ? File.Exists(files.Output) && FileDigests.Of(files.Output) == digest
            : files.IsParquet || LengthOf(files.Output) == state.OutputLength)
        && (state.BadRowCount == 0 || LengthOf(files.Errors) == state.ErrorLength);

    private static long LengthOf(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    /// <summary>A process killed right after its start leaves an empty output, which may be replaced.</summary>
    private static bool IsEmpty(string path) => File.Exists(path) && new FileInfo(path).Length == 0;

    private PredictionProgress Work(Action<PredictionProgress>? onProgress, CancellationToken cancellationToken)
    {
        var resumedCount = _state.RowCount;
        try
        {
            Write(resumedCount, onProgress, cancellationToken);
        }
        catch when (!_hasBegun)
        {
            foreach (var file in _created.Where(IsEmpty))
                AtomicFile.DeleteQuietly(file); // so that the same command can be given again
            throw;
        }

        if (_files.IsParquet)
        {
            var like = ExampleFile.IsParquet(_spec.Input) ? _spec.Input : null;
            AtomicFile.Write(_files.Output, stream => ParquetTable.Write(stream, _files.Rows, like, cancellationToken));
        }

        (_state with { IsFinished = true, OutputDigest = FileDigests.Of(_files.Output) }).Write(_files.Progress);
        if (_files.IsParquet)
            Disk.Delete(_files.Rows);
        if (_state.BadRowCount == 0)
            Disk.Delete(_files.Errors);
        return new PredictionProgress(_state.RowCount, _state.BadRowCount, resumedCount, 1);
    }

    /// <summary>
    /// Writes window after window. Nothing changes before the first of them is predicted, so that a refused input costs nothing, neither an earlier
    /// output nor a file that would have to be removed.
    /// </summary>
    private void Write(long resumedCount, Action<PredictionProgress>? onProgress, CancellationToken cancellationToken)
    {
        using var output = Open(_files.Rows, _state.OutputLength);
        using var errors = _spec.SkipsBadRows || File.Exists(_files.Errors) ? Open(_files.Errors, _state.ErrorLength) : null;
        if (_spec.Mode == RunMode.New && output.Length > 0)
            throw RunException.OutputExists(_spec.Output); // another process made it meanwhile
        _files.RemoveLeftovers();
        foreach (var window in RowsLeft().Chunk(RowWindows.Size))
        {
            var lines = Lines(window, _state.OutputLength == 0, cancellationToken);
            Begin(output, errors);
            Keep(window.Length, lines, output, errors);
            onProgress?.Invoke(new PredictionProgress(_state.RowCount, _state.BadRowCount, resumedCount, _fraction));
        }

        Begin(output, errors);
        Keep(0, ([], 0), output, errors); // bad rows after the last good row
    }

    /// <summary>
    /// Records the state, then cuts the files back to it. The other way round, a kill between the two would leave an output that looks finished.
    /// </summary>
    private void Begin(AppendOnlyFile output, AppendOnlyFile? errors)
    {
        if (_hasBegun)
            return;
        _hasBegun = true;
        _state.Write(_files.Progress);
        output.CutTo(_state.OutputLength);
        errors?.CutTo(_state.ErrorLength);
    }

    /// <summary>Opens a file exclusively; it must have at least the length recorded in the state.</summary>
    private AppendOnlyFile Open(string path, long length)
    {
        try
        {
            var isNew = !File.Exists(path);
            var file = new AppendOnlyFile(path, length, FileShare.None, cuts: false);
            if (isNew)
                _created.Add(path);
            return file;
        }
        catch (IOException) when (File.Exists(path))
        {
            throw RunException.OutputInUse(_spec.Output);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(path, e);
        }
    }

    /// <summary>
    /// The remaining rows, starting with the next window. Windows begin at the same rows in every process, because the batches of a window decide
    /// the last digits of its scores.
    /// </summary>
    private IEnumerable<Example> RowsLeft()
    {
        var toPass = _state.ReadCount;
        // Bad rows of the finished part are already in the file of bad rows.
        Action<BadRow>? told = !_spec.SkipsBadRows && _state.BadRowCount == 0 ? null : row =>
        {
            if (toPass == 0)
                (OnBadRow ?? throw DataException.AtLine(_spec.Input, row.Line, row.Reason))(row);
        };
        var options = new ReadOptions { Encoding = _spec.Encoding, OnBadRow = told, OnProgress = fraction => _fraction = fraction };
        foreach (var row in _run.Rows.Read(_spec.Input, options))
        {
            _predictor ??= _run.PredictorOf(row);
            _format ??= new PredictedRowFormat(_files, _spec.Prefix, row, _predictor);
            if (toPass == 0)
                yield return row;
            else
                toPass--;
        }
    }

    private (byte[] Lines, int RowCount) Lines(Example[] window, bool isFirst, CancellationToken cancellationToken)
    {
        using var lines = new MemoryStream();
        var count = 0;
        if (isFirst)
            lines.Write(_format!.Header);
        foreach (var predicted in _predictor!.Predict(window, OnBadRow, cancellationToken))
        {
            try
            {
                lines.Write(_format!.Row(predicted));
                count++;
            }
            catch (DataException e) when (OnBadRow is { } onBadRow)
            {
                onBadRow(BadRow.Of(predicted.Row, e));
            }
        }

        return (lines.ToArray(), count);
    }

    /// <summary>Writes a window, then the checkpoint: after a kill between the two, the window is written again.</summary>
    private void Keep(int readCount, (byte[] Lines, int RowCount) written, AppendOnlyFile output, AppendOnlyFile? errors)
    {
        output.Append(written.Lines);
        output.Flush();
        errors?.Append(BadRowFile.Lines(_badRows));
        errors?.Flush();
        _state = _state with
        {
            ReadCount = _state.ReadCount + readCount,
            RowCount = _state.RowCount + written.RowCount,
            BadRowCount = _state.BadRowCount + _badRows.Count,
            OutputLength = output.Length,
            ErrorLength = errors?.Length ?? 0,
        };
        _state.Write(_files.Progress);
        _badRows.Clear();
    }
}

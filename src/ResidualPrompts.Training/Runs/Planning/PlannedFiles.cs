using System.Text;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Files;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs.Events;
using ResidualPrompts.Runs.Release;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Planning;

/// <summary>The files that a run will have written when it is finished, with their sizes.</summary>
/// <param name="spec">The settings.</param>
/// <param name="data">Its rows.</param>
/// <param name="trained">The trained parts.</param>
/// <param name="optimizer">The optimizer, whose state is in the checkpoint.</param>
/// <param name="record">The record as it is before the first step.</param>
/// <param name="modelFolder">The folder that the model was loaded from.</param>
internal sealed class PlannedFiles(RunSpec spec, RunData data, TrainedParts trained, Optimizer optimizer, RunRecord record, string modelFolder)
{
    private const double Longest = -1.2345678901234567e-300; // as many characters as a number can have
    private const int LongestWarning = 600;
    private const int TrainingSymptoms = (int)TrainingSymptom.InvalidAnswers + 1; // the later ones are known before the first step
    private const int LongestPiece = 24; // bytes; SentencePiece makes pieces of up to 16 characters
    private const int StateBytes = 1 << 10; // host and job have at most 64 characters each
    private const int CardBytes = 3 << 10; // what stands in every model card
    private readonly StepPlan _steps = StepPlan.Of(spec, data);

    private long NameBytes => Encoding.UTF8.GetByteCount(spec.Model + spec.SaveName + data.Task?.Name);

    private long LoggedEvaluations => _steps.Evaluations + (spec.Test ? 1L : 0);

    internal DiskPlan Plan()
    {
        var events = EventBytes();
        var metrics = MetricBytes();
        PlannedFile[] texts =
        [
            new(RunDirectory.RecordName, RecordBytes(), false),
            new(RunDirectory.StateName, StateBytes, false),
            new("events.jsonl", events, false),
            new("metrics.csv", metrics, false),
            .. PredictionFiles(),
        ];
        var checkpoint = ResumeCheckpoint.SizeOf(
            trained, optimizer, hasBest: _steps.Evaluations > 0, _steps.Total, new ResumeCheckpoint.LogLengths(events, metrics));
        PlannedFile[] files = [.. texts, .. PromptFiles(), .. ModelFiles()];
        var plan = spec.KeepsCheckpoint
            ? new DiskPlan([.. files, new PlannedFile("checkpoint/state.safetensors", checkpoint, false)])
            : new DiskPlan(files, checkpoint);
        return plan with { AvailableBytes = new RunDirectory(spec.Directory).AvailableBytes };
    }

    private IEnumerable<PlannedFile> PromptFiles()
    {
        if (trained.Prompt is not { } prompt)
            yield break;
        var rows = TensorSource.OfShape(prompt.VirtualTokenCount, prompt.HiddenSize);
        yield return new PlannedFile("prompt.npy", NpyFile.SizeOf(rows.Shape), true);
        yield return new PlannedFile("prompt_rows.safetensors", PromptHistory.SizeOf(prompt), true);
        yield return new PlannedFile($"adapter/{Adapters.PeftAdapter.WeightsFileName}", Adapters.PeftAdapter.SizeOf(rows), true);
        yield return new PlannedFile($"adapter/{Adapters.PeftConfig.FileName}", 600 + NameBytes, false);
        yield return new PlannedFile($"adapter/{Adapters.PromptContract.FileName}", 900 + NameBytes + TaskBytes(), false);
        yield return new PlannedFile(
            $"adapter/{ModelCard.FileName}", CardBytes + (8 * NameBytes) + (4 * TaskBytes()) + RunSpecJson.Write(spec).ToJsonString().Length, false);
    }

    private IEnumerable<PlannedFile> ModelFiles()
    {
        if (!trained.TrainsWeights)
            yield break;
        foreach (var (name, bytes) in T5Folder.Sizes(trained.Model.Model, modelFolder))
            yield return new PlannedFile($"model/{name}", bytes, true);
        yield return new PlannedFile("model/config.json", (2 * new FileInfo(Path.Combine(modelFolder, "config.json")).Length) + 200, false);
    }

    private long EventBytes()
    {
        var step = EventFormat.Line(new StepCompleted(_steps.Total, _steps.Epochs, -Longest, -Longest, spec.BatchSize * spec.Accumulation,
            data.Train.Examples.Max(example => example.InputIds.Length + spec.VirtualTokenCount) * spec.BatchSize * spec.Accumulation, 1234.1234567));
        var epoch = EventFormat.Line(new EpochCompleted(_steps.Total, _steps.Epochs, -Longest));
        var evaluation = EventFormat.Line(Evaluation());
        return (_steps.Total * LineBytes(step)) + ((long)_steps.Epochs * LineBytes(epoch)) + (LoggedEvaluations * LineBytes(evaluation))
            + (TrainingSymptoms * LongestWarning);
    }

    private long MetricBytes()
    {
        var head = data.Answers.Metrics.Names.Sum(name => name.Length + 1) + 80;
        var row = (data.Answers.Metrics.Names.Count * 25) + 90;
        return head + (row * LoggedEvaluations);
    }

    private EvaluationCompleted Evaluation() => new(
        _steps.Total, _steps.Epochs, "validation", data.Answers.Metrics.Names.ToDictionary(name => name, _ => (double?)-Longest), int.MaxValue,
        int.MaxValue, false, 1234.1234567);

    private IEnumerable<PlannedFile> PredictionFiles()
    {
        foreach (var (split, name) in new[] { (DataSplit.Validation, "validation"), (DataSplit.Test, "test") })
        {
            if ((split == DataSplit.Validation || spec.Test) && data.Encode(split) is { } encoded)
                yield return new PlannedFile($"predictions/{name}.jsonl", PredictionBytes(encoded), false);
        }
    }

    /// <summary>Every row with the longest answer and the longest scores.</summary>
    private long PredictionBytes(EncodedSplit split)
    {
        using var counted = new CountingStream();
        var ofLabels = data.Answers.Kind == Tasks.EvaluationMode.Labels;
        var longest = data.Answers.Outcomes.OrderByDescending(Encoding.UTF8.GetByteCount).FirstOrDefault();
        JsonLineFile.Write(counted, Enumerable.Range(0, split.Rows.Count), (json, i) =>
        {
            var read = split.Read(i);
            var generated = new string('x', data.Answers.MaxNewTokens * LongestPiece);
            var answer = (read.Candidates ?? [longest ?? generated])
                .OrderByDescending(Encoding.UTF8.GetByteCount).First();
            var scores = ofLabels ? Enumerable.Repeat(-123.12345678901234, read.Candidates?.Count ?? data.Answers.LabelIds!.Count).ToArray() : null;
            PredictionJson.WriteEvaluated(json, new Prediction(split.Rows[i].Index, answer, read.Reference, scores, ofLabels ? null : generated)
            {
                Answers = read.Answers,
                Group = read.Group,
                Cluster = read.Cluster,
            }, split.Rows[i]);
        });
        return counted.Length;
    }

    /// <summary>The record before the first step, and room for its result and digests.</summary>
    private long RecordBytes()
    {
        var outcomes = (long)data.Answers.Outcomes.Count;
        var ofSplit = 400 + (data.Answers.Metrics.Names.Count * 250L) + (outcomes * (outcomes + 1) * 20)
            + data.Answers.Outcomes.Sum(name => Encoding.UTF8.GetByteCount(name) + 20);
        var splits = (_steps.Evaluations > 0 ? 1 : 0) + (spec.Test ? 1 : 0);
        return Encoding.UTF8.GetByteCount(record.ToText()) + 600 + (splits * ofSplit) + (12 * 110);
    }

    /// <summary>What a task of the user's own adds to the texts of the adapter.</summary>
    private long TaskBytes() => data.Task is not { } task ? 0
        : Encoding.UTF8.GetByteCount(task.Template?.ToString() ?? "") + (task.LabelWords is { } words
            ? words.Words.Concat(words.Values).Sum(word => Encoding.UTF8.GetByteCount(word) + 30L) : 0);

    private static int LineBytes(string line) => Encoding.UTF8.GetByteCount(line) + 1;

    /// <summary>Counts what is written, and keeps nothing.</summary>
    private sealed class CountingStream : MemoryStream
    {
        private long _length;

        public override long Length => _length;

        public override void Write(byte[] buffer, int offset, int count) => _length += count;

        public override void Write(ReadOnlySpan<byte> buffer) => _length += buffer.Length;

        public override void WriteByte(byte value) => _length++;
    }
}

using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>
/// A model without a run, alone or with any prompt, ready to be scored on a task: with the prompt of a run it gives the figures of that run.
/// </summary>
internal sealed class ModelEvaluation : IDisposable
{
    private static readonly string[] Acting =
        ["task", "data", "train", "validation", "test_file", "encoding", "template", "label_words", "label_field", "compat", "max_input_length"];

    private readonly RunSpec _spec;
    private readonly Backbone _backbone;
    private readonly ReleasedPrompt? _released;
    private readonly List<string> _warnings;

    private ModelEvaluation(RunSpec spec, Backbone backbone, ReleasedPrompt? released)
    {
        (_spec, _backbone, _released) = (spec, backbone, released);
        _warnings = [.. released?.Warnings ?? []];
    }

    /// <summary>Notes for the user, one line each: on the prompt, and after an evaluation on its rows.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Loads a model, and a prompt that is checked against it.</summary>
    /// <param name="spec">
    /// Model, task, data, template, labels, encoding and evaluation mode. Settings of training have no effect, except those that hold out
    /// validation rows.
    /// </param>
    /// <param name="prompt">A run, an adapter or a file of a prompt; null = the model alone.</param>
    /// <param name="maxInputLength">
    /// Maximum input tokens, including the prompt's; null = those that the prompt's contract states, else the default of a run.
    /// </param>
    /// <param name="allowMismatch">Whether to use the prompt with another backbone or tokenizer than in training.</param>
    /// <param name="options">How the backbone computes; null = the defaults.</param>
    /// <exception cref="InputException">A setting, the model or the prompt does not fit; the message names the problem.</exception>
    public static ModelEvaluation Open(
        RunSpec spec, string? prompt = null, int? maxInputLength = null, bool allowMismatch = false, BackboneOptions? options = null)
    {
        Check(spec with { MaxInputLength = maxInputLength ?? spec.MaxInputLength }, virtualTokenCount: 0);
        if (spec.Task is not null && spec.Template is null)
            _ = RunData.DataPath(spec, RunData.TaskOf(spec)); // missing data is reported before a model is loaded
        LibTorch.EnsureLoaded();
        var backbone = ModelCatalog.Load(spec.Model, spec.Revision, options);
        ReleasedPrompt? released = null;
        try
        {
            released = prompt is null ? null : ReleasedPrompt.Load(RunDirectory.AdapterIn(prompt), backbone, spec.Model, allowMismatch);
            var contract = released?.Contract;
            var count = released?.Prompt.VirtualTokenCount ?? 0;
            var own = spec with
            {
                MaxInputLength = maxInputLength ?? contract?.MaxInputLength ?? spec.MaxInputLength,
                Evaluation = spec.Evaluation ?? contract?.Evaluation,
                Method = count == 0 ? TuningMethod.Full : TuningMethod.Prompt, // full: no virtual tokens
                PromptLength = Math.Max(count, 1),
            };
            Check(own, count);
            return new ModelEvaluation(own, backbone, released);
        }
        catch
        {
            released?.Dispose();
            backbone.Dispose();
            throw;
        }
    }

    /// <summary>Scores a split.</summary>
    /// <param name="split">The split; of a single file, all rows.</param>
    /// <param name="predictions">A file for the predictions, which is replaced; null = none.</param>
    /// <exception cref="InputException">The task or the data does not fit, or the split does not exist.</exception>
    public SplitResult Evaluate(DataSplit split, string? predictions = null)
    {
        var (evaluator, rows) = RowsOf(split);
        if (rows.CutCount > 0)
            _warnings.Add($"{rows.CutCount} of {rows.Rows.Count} texts were cut to {_spec.MaxInputLength - _spec.VirtualTokenCount} tokens.");
        var predicted = evaluator.Predict(new PromptScorer(_backbone.Model, _released?.Prompt), rows);
        return SplitResult.Of(evaluator, predicted, predictions is null ? null : (predictions, rows.Rows), withIntervals: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _released?.Dispose();
        _backbone.Dispose();
    }

    private static void Check(RunSpec spec, int virtualTokenCount)
    {
        var problems = (spec with { SaveName = "none" }).Validate()
            .Where(problem => Acting.Contains(problem.Key) && problem.Key != "max_input_length").ToList();
        if (spec.MaxInputLength < virtualTokenCount + 2)
        {
            var ofPrompt = virtualTokenCount > 0 ? $"the prompt's {virtualTokenCount}, " : "";
            problems.Add(new RunProblem(
                "max_input_length", $"is {spec.MaxInputLength}, expected at least {virtualTokenCount + 2}: {ofPrompt}a token and </s>"));
        }

        if (problems.Count > 0)
            throw RunSpecException.Of(problems);
    }

    private (Evaluator Evaluator, EncodedSplit Rows) RowsOf(DataSplit split)
    {
        var task = _spec.Task is null && _spec.Template is null ? null : RunData.TaskOf(_spec);
        var path = RunData.DataPath(_spec, task);
        var encoding = _spec.Encoding.ToEncoding();
        var source = DataSource.Open(
            path, task?.Layout, new SourceOptions { SingleFileSplit = split, SplitFiles = _spec.SplitFiles, Encoding = encoding });
        var first = source.Files.Values.SelectMany(files => files).SelectMany(file => ExampleFile.Read(file, encoding: encoding)).FirstOrDefault();
        var bringsIds = first is not null && ExampleEncoder.BringsIds(first);
        if ((path is null || Directory.Exists(path)) && source.Files.ContainsKey(DataSplit.Train)
            && (bringsIds || split == DataSplit.Train || (split == DataSplit.Validation && !source.Files.ContainsKey(split))))
        {
            // Training rows, and those held out of them, are the ones that a run with these settings has.
            var data = RunData.Load(_spec, _backbone);
            _warnings.AddRange(data.Notes);
            return (data.MakeEvaluator(), data.Encode(split) ?? throw RunException.NoSplit(path ?? _spec.Train!, split));
        }

        task = bringsIds ? null : task ?? RunData.TaskOf(_spec); // throws: rows of text need a task
        var encoder = RunData.EncoderOf(_spec, task, _backbone);
        var read = source.Read(split);
        var rows = encoder.Encode(read, needsTargets: false);
        if (task is null)
            return (new Evaluator(AnswerSpace.OfIds(read, _spec.Evaluation), null), rows);
        WarnOfContract(task);
        return (new Evaluator(AnswerSpace.Of(task, encoder, _spec.Evaluation, LongestTarget(task, encoder, source, read)), _backbone.Tokenizer),
            rows);
    }

    /// <summary>The tokens of the longest target in training, which limit what the model may write.</summary>
    private int LongestTarget(TaskDefinition task, ExampleEncoder encoder, DataSource source, IReadOnlyList<Example> rows)
    {
        if ((_spec.Evaluation ?? task.Evaluation) == EvaluationMode.Labels)
            return 0; // nothing is written
        if (_released?.Contract?.MaxNewTokens is { } most)
            return most - 1;
        var train = source.Files.ContainsKey(DataSplit.Train) ? source.Stream(DataSplit.Train) : rows;
        return train.Where(task.Trains).Select(row => task.ReadAnswer(row).TargetText).OfType<string>().Distinct()
            .Select(target => encoder.Target(target).Length).DefaultIfEmpty(1).Max();
    }

    private void WarnOfContract(TaskDefinition task)
    {
        if (_released?.Contract is not { } contract)
            return;
        if (contract.Template is { } template && task.Text is null && task.Template?.ToString() != template)
            _warnings.Add($"The prompt was trained with the template \"{ShownText.Value(template)}\", not with that of the task.");
        if (contract.LabelWords is { } words && task.LabelWords?.Words.SequenceEqual(words.Words) == false)
            _warnings.Add($"The prompt has learned to write {string.Join(", ", words.Words)}, not {string.Join(", ", task.LabelWords.Words)}.");
    }
}

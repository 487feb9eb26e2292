using ResidualPrompts.Adapters;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Native;
using ResidualPrompts.PromptedModels;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs;

/// <summary>A finished run, ready to be evaluated and to predict.</summary>
public sealed class TrainedRun : IDisposable
{
    private readonly RunDirectory _directory;
    private readonly RunRecord _record;
    private readonly Backbone _backbone;
    private readonly ReleasedPrompt? _prompt;

    private TrainedRun(RunDirectory directory, RunRecord record, Backbone backbone, ReleasedPrompt? prompt) =>
        (_directory, _record, _backbone, _prompt) = (directory, record, backbone, prompt);

    private Scorer Scorer => new(new PromptedT5(_backbone.Model, _prompt?.Prompt));

    private TaskDefinition Task => _record.Spec is { Task: null, Template: null } ? throw RunException.NeedsIds(_directory.Path) : RunData.TaskOf(_record.Spec);

    /// <summary>What the user should know, a line each: a prompt without a contract, or one of another backbone that is used all the same.</summary>
    public IReadOnlyList<string> Warnings => _prompt?.Warnings ?? [];

    /// <summary>Loads the backbone and the released prompt of a run; trained weights come from the run itself.</summary>
    /// <param name="path">The run directory.</param>
    /// <param name="allowMismatch">Whether the prompt is used although the backbone or its tokenizer is not the one that it was trained on.</param>
    /// <exception cref="InputException">It is no finished run, or its model is gone or another one.</exception>
    public static TrainedRun Open(string path, bool allowMismatch = false)
    {
        var directory = new RunDirectory(path);
        var record = RunRecord.Read(directory);
        if (record.Status != RunStatus.Finished)
            throw RunException.NotFinished(path, record.Status.ToString().ToLowerInvariant());
        LibTorch.EnsureLoaded();
        var model = Directory.Exists(directory.Model) ? directory.Model : RunInputs.Located(record).Model;
        var backbone = Backbone.Load(model);
        try
        {
            var prompt = record.Spec.Method == TuningMethod.Full ? null : ReleasedPrompt.Load(directory.Adapter, backbone, model, allowMismatch);
            return new TrainedRun(directory, record, backbone, prompt);
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    /// <summary>Scores a split of the run's own data.</summary>
    /// <param name="split">The split.</param>
    /// <exception cref="RunException">The data has no such split, or is no longer what it was.</exception>
    public SplitResult Evaluate(DataSplit split)
    {
        var data = RunData.Load(RunInputs.Located(_record), _backbone);
        RunInputs.CheckData(_record.Inputs, data, _directory.Path);
        var rows = data.Encode(split) ?? throw RunException.NoSplit(_directory.Path, split);
        var evaluator = data.MakeEvaluator();
        return SplitResult.Of(evaluator.Report(evaluator.Predict(Scorer, rows)));
    }

    /// <summary>Predicts rows, in their order; they may lack labels.</summary>
    /// <param name="rows">Rows with the fields of the task's template.</param>
    /// <exception cref="DataException">A row lacks a field.</exception>
    public IEnumerable<Prediction> Predict(IReadOnlyList<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
            return [];
        var task = ExampleEncoder.BringsIds(rows[0]) ? null : Task;
        var encoder = new ExampleEncoder(task, task is null ? null : _backbone.Tokenizer, _record.Spec.MaxInputLength - _record.Spec.VirtualTokenCount, ids => _backbone.Problem(ids));
        var answers = RunInputs.Answers(_record.Inputs, task);
        return new Evaluator(answers, task is null ? null : _backbone.Tokenizer).Predict(Scorer, encoder.Encode(rows, needsTargets: false));
    }

    /// <summary>Makes a row of a bare text.</summary>
    /// <param name="text">What the one field of the task's template is to be.</param>
    /// <param name="number">Line number from 1.</param>
    /// <param name="index">Place among the rows, from 0.</param>
    /// <exception cref="RunException">The template has several fields.</exception>
    public Example RowOf(string text, long number, int index)
    {
        var task = Task;
        return task.Text is null && task.Template is { Fields: [var field] } ? Example.Of(field, text, number, index) : throw RunException.NeedsFields(_directory.Path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _prompt?.Dispose();
        _backbone.Dispose();
    }
}

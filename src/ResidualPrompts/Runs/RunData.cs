using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.PromptedModels;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Runs;

/// <summary>The data of a run, chosen and encoded by its settings.</summary>
internal sealed class RunData
{
    /// <summary>Few-shot subsets have a seed of their own, so that every run of a task trains on the same rows.</summary>
    private const ulong FewShotSeed = 0x5EED;
    private readonly RunSpec _spec;
    private readonly DataSource _source;
    private readonly TaskDefinition? _task;
    private readonly ExampleEncoder _encoder;
    private readonly Backbone _backbone;
    private DataSplits? _splits;

    private RunData(RunSpec spec, DataSource source, TaskDefinition? task, Backbone backbone)
    {
        (_spec, _source, _task, _backbone) = (spec, source, task, backbone);
        _encoder = new ExampleEncoder(task, task is null ? null : backbone.Tokenizer, spec.MaxInputLength - spec.PromptLength, ids => backbone.Problem(ids));
    }

    internal IReadOnlyCollection<string> Files => _source.Files;

    /// <summary>Whether only some of the data's training rows train, so that they must be named.</summary>
    internal bool IsSubset => _spec.FewShot is not null;

    /// <summary>Token ids of each label without eos; empty when answers are open.</summary>
    internal IReadOnlyList<int[]> LabelTokens { get; private set; } = [];

    internal AnswerSpace Answers { get; private set; } = null!;

    internal EncodedSplit Train { get; private set; } = null!;

    /// <summary>Finds and encodes the training rows and the answers.</summary>
    /// <exception cref="InputException">Task, data or settings do not fit; the message says what.</exception>
    internal static RunData Load(RunSpec spec, Backbone backbone)
    {
        var source = DataSource.Open(spec.Data ?? BundledDataSets.Find(BuiltInTasks.Get(spec.Task!).Name)
            ?? throw DataException.Unreadable(spec.Task!, "its data is not bundled; give --data"));
        var first = source.Files.SelectMany(ExampleReader.Read).FirstOrDefault() ?? throw DataException.Unreadable(source.Files.First(), "it holds no rows");
        var data = new RunData(spec, source, ExampleEncoder.BringsIds(first) ? null : TaskOf(spec), backbone);
        data.LoadTraining();
        return data;
    }

    /// <summary>A split with its ids, or null when the data has none.</summary>
    /// <param name="split">validation or test.</param>
    internal EncodedSplit? Encode(string split) => Splits[split] is { } rows ? _encoder.Encode(rows, needsTargets: false) : null;

    internal Evaluator MakeEvaluator() => new(Answers, _task is null ? null : _backbone.Tokenizer);

    private DataSplits Splits => _splits ??= ReadSplits();

    /// <summary>The built-in task, changed by what the user gives, or the user's own.</summary>
    internal static TaskDefinition TaskOf(RunSpec spec)
    {
        var template = spec.Template is null ? null : Template.Parse(spec.Template);
        if (spec.LabelWords is null)
        {
            var task = BuiltInTasks.Get(spec.Task ?? throw TaskException.Incomplete(template is null ? "--template and --label-words" : "--label-words"));
            return template is null ? task : task.WithTemplate(template);
        }

        var words = LabelWords.Parse(spec.LabelWords);
        var own = TaskDefinition.Classification(spec.Task ?? "own", template ?? Template.Parse("{text}"), words, spec.LabelField ?? "label");
        if (template is not null)
            return own;
        var builtIn = BuiltInTasks.Get(spec.Task ?? throw TaskException.Incomplete("--template"));
        return own with { Text = builtIn.Text, SoleField = builtIn.SoleField };
    }

    private void LoadTraining()
    {
        Train = _encoder.Encode(Splits.Train, needsTargets: true);
        var longestTarget = Train.Examples.Max(example => example.TargetIds!.Length);
        Answers = _task is null ? AnswerSpace.OfIds([.. new[] { Splits.Train, Splits.Validation, Splits.Test }.OfType<IReadOnlyList<Example>>().SelectMany(rows => rows)], _spec.Evaluation) : AnswerSpace.Of(_task, _encoder, _spec.Evaluation, longestTarget);
        if (_task is { HasFixedLabels: true })
            LabelTokens = [.. Answers.LabelIds!.Select(ids => ids[..^1])];
    }

    private DataSplits ReadSplits()
    {
        var train = _source.Read("train");
        var validation = _source.Has("validation") ? _source.Read("validation") : null;
        var test = _source.Has("test") ? _source.Read("test") : null;
        if (validation is null && _spec.ValidationFraction > 0)
        {
            (train, validation) = StratifiedSampling.Split(train, ClassOf, _spec.ValidationFraction, (ulong)_spec.Seed);
            validation = validation.Count > 0 ? validation : throw DataException.Unreadable(_source.Path, "too few rows to take validation rows from; give --validation-fraction 0");
        }

        train = [.. train.Where(row => _task?.Trains(row) ?? true)];
        if (train.Count == 0)
            throw DataException.Unreadable(_source.Path, "no row of its training split trains");
        if (_spec.FewShot is { } shots)
            train = StratifiedSampling.PerClass(train, ClassOf, shots, FewShotSeed);
        if (_spec.TestFromValidation && validation is not null)
            (validation, test) = StratifiedSampling.Split(validation, ClassOf, 0.5, FewShotSeed);
        if (_spec.ValidationPerClass is { } count && validation is not null)
            validation = StratifiedSampling.PerClass(validation, ClassOf, count, FewShotSeed);
        return new DataSplits(train, validation, test);
    }

    private string? ClassOf(Example row) => _task is not null ? _task.Reference(row) : row.Has("target_ids") ? AnswerSpace.Name(row.Ids("target_ids")) : null;
}

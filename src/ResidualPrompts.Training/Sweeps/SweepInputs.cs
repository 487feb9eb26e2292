using System.Text.Json.Nodes;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Identity;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Sweeps;

/// <summary>What is known of a run's model and data before it begins.</summary>
/// <param name="Inputs">What its identity needs.</param>
/// <param name="Facts">What its data decides about its settings; null where it is not at hand.</param>
/// <param name="Missing">What is not at hand, as sentences; it has to be there before the run begins.</param>
/// <param name="Problems">What can never be run.</param>
internal sealed record SweepInput(
    IdentityInputs Inputs, InertSettings.DataFacts? Facts, IReadOnlyList<string> Missing, IReadOnlyList<RunProblem> Problems)
{
    /// <summary>The metrics of the task, the first one first; empty where they are not known.</summary>
    internal IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>Whether the test split can be scored: it has answers.</summary>
    internal bool HasTestAnswers { get; init; }
}

/// <summary>
/// Finds models and data of planned runs and takes their digests. Many runs share few of them, so that each is looked at once. Nothing is downloaded.
/// </summary>
internal sealed class SweepInputs
{
    /// <summary>The settings that decide which rows a run has.</summary>
    private static readonly RunSpecProperty[] OfData =
        [.. RunSpecProperty.All.Where(setting => EncodedRows.InKey.Contains(setting.Key) || EncodedRows.Selecting.Contains(setting.Key))];

    private readonly Dictionary<string, ModelInput> _models = [];
    private readonly Dictionary<string, DataInput> _data = [];
    private readonly Dictionary<(string, int), string> _prompts = [];

    /// <summary>The inputs of a run.</summary>
    /// <param name="spec">Its settings, with full paths.</param>
    internal SweepInput Of(RunSpec spec)
    {
        var model = Of(_models, $"{spec.Model}\n{spec.Revision}", () => ModelOf(spec));
        var key = new JsonObject(OfData.Select(setting => KeyValuePair.Create(setting.Key, setting.ToJson(spec)))).ToJsonString();
        var data = Of(_data, $"{key}\n{spec.SplitSeedInForce}", () => DataOf(spec));
        var problems = new List<RunProblem>();
        problems.AddRange(model.Problems);
        problems.AddRange(data.Problems);
        if (data.Has is { } has)
            problems.AddRange(ProblemsOf(spec, has));
        var inputs = new IdentityInputs
        {
            ModelDigests = model.Digests,
            TokenizerDigest = model.Tokenizer,
            DataDigests = data.Digests,
            TaskFile = data.TaskFile,
            TrainCount = data.TrainCount,
            Validates = data.Has?.Validation,
            Evaluation = spec.Evaluation ?? data.Evaluation,
            PromptInitDigest = PromptDigest(spec, problems),
        };
        return new SweepInput(inputs, data.Facts, [.. model.Missing, .. data.Missing], problems)
        {
            Metrics = data.Metrics,
            HasTestAnswers = data.Has is { Test: true, IsTestUnlabeled: false },
        };
    }

    private static T Of<T>(Dictionary<string, T> known, string key, Func<T> find)
    {
        if (!known.TryGetValue(key, out var found))
            known[key] = found = find();
        return found;
    }

    private static ModelInput ModelOf(RunSpec spec)
    {
        try
        {
            var folder = ModelCatalog.Locate(spec.Model, spec.Revision);
            return new ModelInput(
                RunProvenance.DigestsOfModel(folder), T5Tokenizer.ExistsIn(folder) ? T5Tokenizer.Load(folder).Digest : null, [], []);
        }
        catch (InputException e) when (e.Kind == ProblemKind.Missing)
        {
            return new ModelInput(null, null, [e.Message], []);
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            return new ModelInput(null, null, [], [new RunProblem("model", $"cannot be used: {e.Message.TrimEnd('.')}")]);
        }
    }

    private static DataInput DataOf(RunSpec spec)
    {
        JsonObject? taskFile = null;
        TaskDefinition? task = null;
        try
        {
            taskFile = spec.Task is { } name && TaskFile.IsFile(name) && spec.Compat == Compatibility.None ? TaskFile.ReadJson(name) : null;
            task = spec.Task is null && (spec.Template is null || spec.LabelWords is null) ? null : RunData.TaskOf(spec, taskFile);
        }
        catch (InputException e)
        {
            return new DataInput { Problems = [new RunProblem("task", $"cannot be used: {e.Message.TrimEnd('.')}")] };
        }

        try
        {
            var rows = RunRows.Load(spec, taskFile);
            var answers = rows.Task is null ? AnswerSpace.OfIds([.. All(rows)], null).Kind : rows.Task.Evaluation;
            return new DataInput
            {
                Digests = RunProvenance.DigestsOf(rows.Source),
                TaskFile = taskFile,
                TrainCount = rows.Splits.Train.Count,
                Facts = StartWarnings.FactsOf(rows),
                Has = new Splits(rows.Splits.Validation is not null, rows.Splits.Test is not null, rows.IsTestUnlabeled, rows.Name),
                Evaluation = answers,
                Metrics = rows.Task?.Metrics ?? [],
            };
        }
        catch (InputException e) when (e is CatalogException { Kind: ProblemKind.Missing })
        {
            return new DataInput { TaskFile = taskFile, Evaluation = task?.Evaluation, Metrics = task?.Metrics ?? [], Missing = [e.Message] };
        }
        catch (RunSpecException e) when (e.Problems.Count > 0)
        {
            return new DataInput { Problems = e.Problems };
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            return new DataInput { Problems = [new RunProblem("data", $"cannot be used: {e.Message.TrimEnd('.')}")] };
        }
    }

    private static IEnumerable<Example> All(RunRows rows) => rows.Splits.Train.Concat(rows.Splits.Validation ?? []).Concat(rows.Splits.Test ?? []);

    /// <summary>What <see cref="StartChecks"/> refuses when the run begins, before it does.</summary>
    private static IEnumerable<RunProblem> ProblemsOf(RunSpec spec, Splits has)
    {
        if (spec.Test && !has.Test)
            yield return new RunProblem("test", $"has nothing to score: {has.Name} has no test split");
        if (spec.Patience is not null && !has.Validation)
            yield return new RunProblem("patience", "has nothing to watch: the run has no validation rows");
    }

    private string? PromptDigest(RunSpec spec, List<RunProblem> problems)
    {
        if (spec.Method != TuningMethod.Prompt || !spec.PromptInit.IsFile || spec.PromptInit.Rows is not StartRows.PromptFile file)
            return null;
        if (_prompts.TryGetValue((file.Path, spec.PromptLength), out var known))
            return known;
        if (!Path.Exists(file.Path))
            return null; // the settings' own check says so
        try
        {
            return _prompts[(file.Path, spec.PromptLength)] = PromptFactory.DigestOf(file, spec.PromptLength);
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            problems.Add(new RunProblem("prompt_init", $"cannot be used: {e.Message.TrimEnd('.')}"));
            return null;
        }
    }

    private sealed record ModelInput(
        IReadOnlyDictionary<string, string>? Digests, string? Tokenizer, IReadOnlyList<string> Missing, IReadOnlyList<RunProblem> Problems);

    private sealed record Splits(bool Validation, bool Test, bool IsTestUnlabeled, string Name);

    private sealed record DataInput
    {
        public IReadOnlyDictionary<string, string>? Digests { get; init; }

        public JsonObject? TaskFile { get; init; }

        public int? TrainCount { get; init; }

        public InertSettings.DataFacts? Facts { get; init; }

        public Splits? Has { get; init; }

        public EvaluationMode? Evaluation { get; init; }

        public IReadOnlyList<string> Metrics { get; init; } = [];

        public IReadOnlyList<string> Missing { get; init; } = [];

        public IReadOnlyList<RunProblem> Problems { get; init; } = [];
    }
}

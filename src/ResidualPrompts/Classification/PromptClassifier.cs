using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Native;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Classification;

/// <summary>
/// Labels texts with a trained prompt, a tuned T5, or the runs of a study together. Several threads may use it; calls run one at a time. Answers
/// equal those of <c>predict</c> with label scores, to the last digit for the same rows in the same call.
/// </summary>
/// <example>
/// <code>
/// using var classifier = PromptClassifier.Open("runs/first/adapter");
/// Console.WriteLine(classifier.Predict("two brothers travel to paris .").Label);
/// </code>
/// </example>
public sealed class PromptClassifier : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TaskDefinition _task;
    private readonly IReadOnlyList<Member> _members;
    private readonly ExampleEncoder _encoder;
    private readonly IExampleScorer _scorer;
    private readonly ScoringRequest _request;
    private readonly double _temperature;
    private bool _isDisposed;

    private PromptClassifier(ClassifierSource source, IReadOnlyList<Member> members, ClassifierOptions options)
    {
        var (backbone, prompt) = (members[0].Backbone, members[0].Prompt);
        (_task, _members, _temperature) = (source.Task, members, options.Temperature);
        Labels = source.Task.LabelWords?.Words ?? [];
        _encoder = new ExampleEncoder(
            source.Task, backbone.Tokenizer, source.MaxInputLength, prompt?.Prompt.VirtualTokenCount ?? 0, ids => backbone.Problem(ids));
        PromptScorer[] scorers = [.. members.Select(member => new PromptScorer(member.Backbone.Model, member.Prompt?.Prompt))];
        _scorer = scorers is [var only] ? only : new EnsembleScorer(scorers);
        // A row with candidates of its own is scored by them.
        _request = new ScoringRequest(Labels.Count == 0 ? null : source.LabelIds ?? LabelSet.Of(backbone.Tokenizer, Labels).Ids, null);
    }

    /// <summary>One run that answers.</summary>
    /// <param name="Model">Name or folder of its backbone.</param>
    /// <param name="Revision">The revision, if the model is on the hub.</param>
    /// <param name="Backbone">Its backbone, which runs on one model share.</param>
    /// <param name="Prompt">Its prompt; null for a tuned model.</param>
    /// <param name="OwnsBackbone">Whether it frees the backbone.</param>
    private sealed record Member(string Model, string? Revision, Backbone Backbone, ReleasedPrompt? Prompt, bool OwnsBackbone)
    {
        internal void Free()
        {
            Prompt?.Dispose();
            if (OwnsBackbone)
                Backbone.Dispose();
        }
    }

    /// <summary>The labels to choose from, in the task's order; empty for a task whose rows have candidates of their own.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Warnings for the user, one per line, such as the use of a prompt of another backbone.</summary>
    public IReadOnlyList<string> Warnings => [.. _members.SelectMany(member => member.Prompt?.Warnings ?? []).Distinct()];

    /// <summary>
    /// Opens a classifier and its backbone. The backbone must be bundled, in a folder, or in the hub's cache; nothing is downloaded. The runs of a
    /// study answer together, by the mean of their probabilities.
    /// </summary>
    /// <param name="path">
    /// A run directory; its <c>adapter/</c>, in place or copied; the <c>model/</c> of a run that trained all weights; or the folder of a study.
    /// </param>
    /// <param name="options">Options such as another backbone; null = the defaults.</param>
    /// <exception cref="InputException">
    /// There is no classifier, its task has no labels, its backbone is not on this machine, the prompt was trained on another backbone than the
    /// given one, or the runs of the study are not complete or cannot answer together.
    /// </exception>
    public static PromptClassifier Open(string path, ClassifierOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new ClassifierOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Temperature);
        var runs = StudyMembers.Find(path, options.Seed);
        if (runs is null && options.Seed is not null)
            throw ClassificationException.NotAStudy(path);
        ClassifierSource[] sources = [.. (runs ?? [path]).Select(ClassifierSource.Find)];
        if (sources[0].Task is { LabelWords: null, Candidates: null })
            throw ClassificationException.NoLabels(path, sources[0].Task.Name);
        if (sources.Select(source => source.DifferenceFrom(sources[0])).FirstOrDefault(difference => difference is not null) is { } differing)
            throw ClassificationException.NotTogether(path, differing);
        LibTorch.EnsureLoaded();
        var members = new List<Member>();
        try
        {
            foreach (var source in sources)
                members.Add(Load(source, options, members));
            if (sources.Zip(members).Select(pair => pair.First.TextLength(pair.Second.Prompt?.Prompt.VirtualTokenCount ?? 0)).Distinct().Count() > 1)
                throw ClassificationException.NotTogether(path, "length of texts");
            return new PromptClassifier(sources[0], members, options);
        }
        catch
        {
            members.ForEach(member => member.Free());
            throw;
        }
    }

    /// <summary>Loads a run; one on the model of an earlier one shares its backbone.</summary>
    private static Member Load(ClassifierSource source, ClassifierOptions options, IEnumerable<Member> earlier)
    {
        var model = options.Backbone?.Folder ?? options.Model ?? source.Model;
        var revision = options.Model is null ? source.Revision : options.Revision;
        var shared = options.Backbone ?? earlier.FirstOrDefault(member => (member.Model, member.Revision) == (model, revision))?.Backbone;
        var backbone = shared ?? ModelCatalog.Load(model, revision, options.BackboneOptions);
        try
        {
            if (source.Prompt is not null)
                return new Member(
                    model, revision, backbone, ReleasedPrompt.Load(source.Prompt, backbone, model, options.AllowMismatch), shared is null);
            CheckModel(source.Model, backbone, model, options.AllowMismatch);
            return new Member(model, revision, backbone, null, shared is null);
        }
        catch
        {
            if (shared is null)
                backbone.Dispose();
            throw;
        }
    }

    /// <summary>Labels a text.</summary>
    /// <param name="text">The value of the template's only field.</param>
    /// <exception cref="ClassificationException">The task builds its text from several fields.</exception>
    /// <exception cref="DataException">The model's scores are not finite.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public ClassifierAnswer Predict(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Predict([text])[0];
    }

    /// <summary>Labels a row.</summary>
    /// <param name="row">A row with the fields of the task's template; its label is ignored.</param>
    /// <exception cref="DataException">The row lacks a field, or the model's scores are not finite.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public ClassifierAnswer Predict(Example row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return Predict([row])[0];
    }

    /// <summary>Labels a row.</summary>
    /// <param name="fields">The fields of the task's template by name.</param>
    /// <exception cref="DataException">A field is missing, or the model's scores are not finite.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public ClassifierAnswer Predict(IReadOnlyDictionary<string, string> fields) => Predict(Example.Of(fields));

    /// <summary>Labels texts, in batches of similar length.</summary>
    /// <param name="texts">The values of the template's only field.</param>
    /// <returns>One answer per text, in order.</returns>
    /// <exception cref="ClassificationException">The task builds its text from several fields.</exception>
    /// <exception cref="DataException">The model's scores are not finite.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public IReadOnlyList<ClassifierAnswer> Predict(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var field = _task.Text is null && _task.Template is { Fields: [var only] } ? only : throw ClassificationException.NeedsFields(_task.Name);
        return Predict([.. texts.Select((text, index) => Example.Of(field, text, index + 1, index))]);
    }

    /// <summary>Labels rows, in batches of similar length.</summary>
    /// <param name="rows">Rows with the fields of the task's template; their labels are ignored.</param>
    /// <returns>One answer per row, in order.</returns>
    /// <exception cref="DataException">A row lacks a field, or the model's scores are not finite.</exception>
    /// <exception cref="ObjectDisposedException">The classifier is disposed.</exception>
    public IReadOnlyList<ClassifierAnswer> Predict(IReadOnlyList<Example> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var split = _encoder.Encode([.. rows.Select(AsTheTaskHasIt)], needsTargets: false);
            return [.. _scorer.Score(split.Examples, _request).Select((scored, i) => AnswerOf(split, i, scored))];
        }
    }

    /// <summary>Frees the model and the prompt, after waiting for running calls. A backbone from the options is not disposed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            foreach (var member in _members)
                member.Free();
        }
    }

    private Example AsTheTaskHasIt(Example row) => _task.Layout.Apply([row]).ToList() is [var one]
        ? one
        : throw row.Problem($"a row of task {_task.Name} stands for several, give one of these");

    private ClassifierAnswer AnswerOf(EncodedSplit split, int row, ScoredExample scored)
    {
        if (scored.Problem is { } problem)
            throw split.Rows[row].Problem(problem);
        if (scored.Scores is not { } scores)
            throw split.Rows[row].Problem("the row has no candidates to choose from"); // of token ids
        var labels = split.Read(row).Candidates ?? Labels;
        var probabilities = _temperature == 1 ? scored.Probabilities! : Calibration.Probabilities(scores, _temperature);
        return new ClassifierAnswer(labels[scored.LabelIndex], probabilities[scored.LabelIndex], labels, scores, probabilities);
    }

    /// <summary>A tuned model is its own classifier: no other model has learned the task.</summary>
    private static void CheckModel(string tuned, Backbone backbone, string model, bool allowMismatch)
    {
        if (Path.GetFullPath(backbone.Folder) == Path.GetFullPath(tuned))
            return;
        var own = BackboneIdentity.Of(tuned, tuned, T5Config.Load(tuned).HiddenSize);
        if (own.Differences(BackboneIdentity.Of(backbone, model)) is { Count: > 0 } differences && !allowMismatch)
            throw AdapterException.AnotherBackbone(tuned, own, model, differences);
    }
}

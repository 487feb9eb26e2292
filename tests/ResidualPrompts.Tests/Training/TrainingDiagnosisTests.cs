using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Prompts;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Training;

/// <summary>Each symptom shows in a run that has it, once, and in no healthy one.</summary>
public sealed class TrainingDiagnosisTests : IDisposable
{
    private static readonly Dictionary<string, int> Mixed = new() { ["a"] = 5, ["b"] = 5 };
    private readonly ResidualPrompts.Models.T5.T5Model _model = TinyT5.Create(TinyT5.Version10);

    public static TheoryData<string> Kinds => PromptKinds.All;

    public void Dispose() => _model.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_healthy_run_raises_nothing(string kind)
    {
        using var prompt = PromptKinds.Create(kind);
        Warnings(prompt, learningRate: 0.01, epochs: 14, Outcomes(Mixed)).Should().BeEmpty();
    }

    [Fact]
    public void One_answer_for_all_rows_is_a_collapse_when_it_lasts()
    {
        var one = new Dictionary<string, int> { ["a"] = 10 };
        var warning = OfEvaluations(epochs: 6, [one]).Single();
        (warning.Symptom, warning.Epoch).Should().Be((TrainingSymptom.MajorityCollapse, 3));
        warning.Message.Should().Match("10 of 10 validation rows get the answer 'a'*mixed*learning_rate*prompt_init label-words*")
            .And.NotContain("\n");
        OfEvaluations(epochs: 6, [one, one, Mixed, one, one, Mixed]).Should().BeEmpty(); // it went away by itself
        OfEvaluations(epochs: 4, [Mixed, Mixed, Mixed, one]).Single().Epoch.Should().Be(4); // it is what is released
        OfEvaluations(epochs: 6, [one], references: new() { ["a"] = 19, ["b"] = 1 }, count: 20).Should().BeEmpty(); // the data are one-sided
        OfEvaluations(epochs: 6, [one], references: new() { ["a"] = 10 }).Should().BeEmpty(); // the only label
        OfEvaluations(epochs: 6, [new() { ["a"] = 3 }], references: new() { ["a"] = 1, ["b"] = 2 }, count: 3).Should().BeEmpty(); // chance
    }

    [Fact]
    public void Invalid_answers_are_told_of_above_a_share_when_they_last()
    {
        var many = new Dictionary<string, int> { ["a"] = 4, ["b"] = 3 };
        var few = new Dictionary<string, int> { ["a"] = 4, ["b"] = 4 };
        var warning = OfEvaluations(epochs: 6, [many]).Single();
        (warning.Symptom, warning.Epoch).Should().Be((TrainingSymptom.InvalidAnswers, 3));
        warning.Message.Should().Match("3 of 10 validation answers are not a label*evaluation labels*");
        OfEvaluations(epochs: 6, [few]).Should().BeEmpty();
        OfEvaluations(epochs: 6, [many, many, few, many, few]).Should().BeEmpty(); // at the beginning it is usual
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("residual mlp")]
    [InlineData("lstm with head")]
    public void A_learning_rate_too_low_by_far_leaves_the_prompt_where_it_was(string kind)
    {
        using var prompt = PromptKinds.Create(kind);
        var warning = Warnings(prompt, learningRate: 1e-7, epochs: 9, Outcomes(Mixed)).Single();
        // the first epoch's end after twenty steps
        (warning.Symptom, warning.Step, warning.Epoch).Should().Be((TrainingSymptom.PromptNotMoving, 21, 7));
        warning.Message.Should().Match("the prompt has moved by *e-*of its length in 21 steps: raise learning_rate*").And.NotContain("\n");
    }

    [Fact]
    public void A_learning_rate_too_high_by_far_makes_rows_long()
    {
        using var prompt = PromptKinds.Create("plain");
        var warning = Warnings(prompt, learningRate: 1e4, epochs: 4, Outcomes(Mixed)).Single();
        (warning.Symptom, warning.Epoch).Should().Be((TrainingSymptom.ExplodingNorm, 1));
        warning.Message.Should().Match("row ? of the prompt is * times as long as a row of the vocabulary: lower learning_rate*");
    }

    [Fact]
    public void A_network_that_died_lets_no_gradient_to_its_row()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        using var prompt = new MlpPrompt(randn([4, 20], generator: generator), new MlpShape(6, LayerNorm: false, Skip: false, Separate: true),
            generator);
        using (no_grad())
        {
            var bias = prompt.Parameters.Single(pair => pair.Key.StartsWith("mlps.2.", StringComparison.Ordinal)
                && pair.Key.EndsWith("bias", StringComparison.Ordinal) && pair.Value.numel() == 6).Value;
            bias.fill_(-1e6); // relu gives 0 and a slope of 0, whatever comes in
        }

        var warning = Warnings(prompt, learningRate: 0.01, epochs: 6, Outcomes(Mixed)).Single();
        (warning.Symptom, warning.Step).Should().Be((TrainingSymptom.RowWithoutGradient, 10));
        warning.Message.Should().StartWith("no gradient has reached row 2 of the prompt for 10 steps").And.Contain("set skip to true");
        warning.Remedies[0].Should().Be(new Remedy.SetSetting("skip", "true"));
    }

    [Fact]
    public void Full_model_tuning_has_no_prompt_to_look_at()
    {
        var trained = new TrainedParts(_model, null, _ => true);
        using var optimizer = new OriginalAdamW([new ParameterGroup(trained.Parameters, 1e-9)], 0);
        using var state = new TrainingState();
        Watched(trained, optimizer, state, null, epochs: 8, Outcomes(Mixed)).OfType<WarningRaised>().Should().BeEmpty();
    }

    [Fact]
    public void A_resumed_run_does_not_say_it_twice()
    {
        using var prompt = PromptKinds.Create("plain");
        using var state = new TrainingState();
        state.Raised.Add(TrainingSymptom.ExplodingNorm);
        Warnings(prompt, learningRate: 1e4, epochs: 2, Outcomes(Mixed), state).Should().BeEmpty();
    }

    private List<WarningRaised> OfEvaluations(int epochs, Dictionary<string, int>[] answers, Dictionary<string, int>? references = null,
        int count = 10)
    {
        using var prompt = PromptKinds.Create("plain");
        var evaluation = 0;
        return Warnings(prompt, 0.01, epochs, () =>
        {
            var given = answers[Math.Min(evaluation++, answers.Length - 1)];
            var total = given.Count == 1 ? given.ToDictionary(pair => pair.Key, _ => count) : given;
            return new ValidationOutcome(0.5, new Dictionary<string, double?>(), count, count - total.Values.Sum(), total, references ?? Mixed);
        });
    }

    private static Func<ValidationOutcome> Outcomes(Dictionary<string, int> answers) =>
        () => new ValidationOutcome(0.5, new Dictionary<string, double?>(), 10, 10 - answers.Values.Sum(), answers, Mixed);

    private List<WarningRaised> Warnings(SoftPrompt prompt, double learningRate, int epochs, Func<ValidationOutcome> validate,
        TrainingState? from = null)
    {
        using var scope = NewDisposeScope();
        var start = prompt.Forward().detach().clone();
        using var optimizer = new OriginalAdamW([new ParameterGroup(prompt.Parameters, learningRate)], 0);
        using var state = new TrainingState();
        return [.. Watched(new TrainedParts(_model, prompt), optimizer, from ?? state, start, epochs, validate).OfType<WarningRaised>()];
    }

    private static IEnumerable<TrainingEvent> Watched(TrainedParts trained, Optimizer optimizer, TrainingState state, Tensor? start, int epochs,
        Func<ValidationOutcome> validate)
    {
        var settings = new TrainingSettings { EpochCount = epochs, BatchSize = 4, Seed = 7 }; // 3 steps an epoch
        var lastStep = settings.LastStep(Some.TrainingExamples.Length);
        var diagnosis = new TrainingDiagnosis(trained, lastStep, state, start, new RunKind { LacksSkip = true });
        return diagnosis.Watch(new Trainer(trained, optimizer, settings, Some.TrainingExamples, diagnosis.Watching(validate), state).Run());
    }
}

using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Training;

/// <summary>Every symptom with every kind of run: no remedy names what acts on nothing in the run, or what it has already.</summary>
public sealed class TrainingRemediesTests
{
    private static readonly RunKind Plain = new() { LearningRate = 0.3 };

    public static TheoryData<string, TrainingSymptom, string> Table => new()
    {
        { "prompt", TrainingSymptom.MajorityCollapse, "learning_rate prompt_init reparameterization" },
        { "label words", TrainingSymptom.MajorityCollapse, "learning_rate reparameterization" },
        { "open answers", TrainingSymptom.MajorityCollapse, "learning_rate reparameterization" },
        { "mlp", TrainingSymptom.MajorityCollapse, "learning_rate prompt_init" },
        { "lstm", TrainingSymptom.MajorityCollapse, "learning_rate prompt_init" },
        { "full", TrainingSymptom.MajorityCollapse, "learning_rate" },
        { "prompt", TrainingSymptom.InvalidAnswers, "epochs learning_rate label_words evaluation" },
        { "original", TrainingSymptom.InvalidAnswers, "epochs learning_rate evaluation" },
        { "open answers", TrainingSymptom.InvalidAnswers, "epochs learning_rate" },
        { "steps", TrainingSymptom.InvalidAnswers, "max_steps learning_rate label_words evaluation" },
        { "full", TrainingSymptom.InvalidAnswers, "epochs learning_rate label_words evaluation" },
        { "prompt", TrainingSymptom.RowWithoutGradient, "learning_rate" },
        { "mlp", TrainingSymptom.RowWithoutGradient, "learning_rate" },
        { "no skip", TrainingSymptom.RowWithoutGradient, "skip learning_rate" },
        { "network rate", TrainingSymptom.RowWithoutGradient, "network_learning_rate" },
        { "prompt", TrainingSymptom.ExplodingNorm, "learning_rate reparameterization" },
        { "mlp", TrainingSymptom.ExplodingNorm, "learning_rate" },
        { "no norm", TrainingSymptom.ExplodingNorm, "learning_rate layer_norm" },
        { "low rate", TrainingSymptom.PromptNotMoving, "learning_rate" },
        { "prompt", TrainingSymptom.PromptNotMoving, "" },
        { "warm-up", TrainingSymptom.PromptNotMoving, "warmup_steps" },
        { "clip", TrainingSymptom.PromptNotMoving, "clip" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Remedies_apply_to_the_run(string kind, TrainingSymptom symptom, string expected)
    {
        var advice = new TrainingRemedies(KindOf(kind), hasPrompt: kind != "full").Of(symptom);
        string.Join(' ', advice.Select(one => one.Remedy.Name)).Should().Be(expected);
        advice.Should().OnlyContain(one => one.Words.Contains(one.Remedy.Name)); // the command line puts the option in its place
    }

    [Fact]
    public void More_epochs_do_not_help_a_run_that_patience_ended() =>
        new TrainingRemedies(Plain, hasPrompt: true).Of(TrainingSymptom.InvalidAnswers, isPatienceExhausted: true)[0].Remedy.Name
            .Should().Be("patience");

    private static RunKind KindOf(string kind) => kind switch
    {
        "label words" => Plain with { StartsFromLabelWords = true },
        "open answers" => Plain with { HasLabelWords = false },
        "mlp" or "lstm" => Plain with { HasNetwork = true },
        "original" => Plain with { MayChangeWords = false },
        "no skip" => Plain with { HasNetwork = true, LacksSkip = true },
        "network rate" => Plain with { HasNetwork = true, HasNetworkRate = true },
        "no norm" => Plain with { HasNetwork = true, LacksLayerNorm = true },
        "low rate" => Plain with { LearningRate = 1e-4 },
        "warm-up" => Plain with { WarmsUp = true },
        "steps" => Plain with { EndsBySteps = true },
        "clip" => Plain with { Clips = true },
        _ => Plain,
    };
}

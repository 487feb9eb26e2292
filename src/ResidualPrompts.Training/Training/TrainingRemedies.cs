namespace ResidualPrompts.Training;

/// <summary>The usual remedies of a symptom, as far as they apply to a run: none names a setting that acts on nothing or is set already.</summary>
/// <param name="kind">The kind of run.</param>
/// <param name="hasPrompt">Whether the run has a prompt.</param>
internal sealed class TrainingRemedies(RunKind kind, bool hasPrompt)
{
    /// <summary>A prompt that learns at such a rate moves; a lower one needs a thousand times the steps.</summary>
    private const double UsualRate = 0.1;

    /// <summary>A remedy and its words in a message.</summary>
    internal sealed record Advice(Remedy.SetSetting Remedy, string Words);

    /// <summary>The remedies of a symptom, the usual one first.</summary>
    /// <param name="symptom">The symptom.</param>
    /// <param name="isPatienceExhausted">Whether patience ended the run, so that more epochs change nothing.</param>
    internal IReadOnlyList<Advice> Of(TrainingSymptom symptom, bool isPatienceExhausted = false) => [.. symptom switch
    {
        TrainingSymptom.MajorityCollapse => Collapse(),
        TrainingSymptom.InvalidAnswers => Invalid(isPatienceExhausted),
        TrainingSymptom.RowWithoutGradient => Dead(),
        TrainingSymptom.ExplodingNorm => Exploding(),
        TrainingSymptom.PromptNotMoving => NotMoving(),
        _ => [],
    }];

    /// <summary>The remedies as the end of a sentence: "a, b, or c".</summary>
    internal static string Text(IReadOnlyList<Advice> advice) => advice.Count < 2
        ? string.Concat(advice.Select(one => one.Words))
        : $"{string.Join(", ", advice.SkipLast(1).Select(one => one.Words))}, or {advice[^1].Words}";

    private IEnumerable<Advice> Collapse()
    {
        yield return new(new("learning_rate", Hint: "a tenth or three times"), "try another learning_rate (a tenth or three times)");
        if (hasPrompt && kind is { HasLabelWords: true, StartsFromLabelWords: false })
            yield return new(new("prompt_init", "label-words"), "prompt_init label-words");
        if (hasPrompt && !kind.HasNetwork)
            yield return new(new("reparameterization", "mlp"), "reparameterization mlp");
    }

    private IEnumerable<Advice> Invalid(bool isPatienceExhausted)
    {
        yield return isPatienceExhausted
            ? new(new("patience", Hint: "more"), "train longer (patience)")
            : kind.EndsBySteps ? new(new("max_steps", Hint: "more"), "train longer (max_steps)")
            : new(new("epochs", Hint: "more"), "train longer (epochs)");
        yield return new(new("learning_rate", Hint: "another one"), "try another learning_rate");
        if (kind is { HasLabelWords: true, MayChangeWords: true })
            yield return new(new("label_words", Hint: "words of few tokens"), "use label_words of few tokens");
        if (kind.HasLabelWords)
            yield return new(new("evaluation", "labels"), "use evaluation labels");
    }

    private IEnumerable<Advice> Dead()
    {
        if (kind.LacksSkip)
            yield return new(new("skip", "true"), "set skip to true");
        yield return kind.HasNetworkRate
            ? new(new("network_learning_rate", Hint: "a lower one"), "lower network_learning_rate")
            : new(new("learning_rate", Hint: "a lower one"), "lower learning_rate");
    }

    private IEnumerable<Advice> Exploding()
    {
        yield return new(new("learning_rate", Hint: "a tenth"), "lower learning_rate (to a tenth)");
        if (!kind.HasNetwork)
            yield return new(new("reparameterization", "mlp"), "use reparameterization mlp with its LayerNorm");
        if (kind.LacksLayerNorm)
            yield return new(new("layer_norm", "true"), "set layer_norm to true");
    }

    private IEnumerable<Advice> NotMoving()
    {
        if (kind.LearningRate is null or < UsualRate)
            yield return new(new("learning_rate", Hint: "near 0.3"), "raise learning_rate (prompts train at rates near 0.3)");
        if (kind.WarmsUp)
            yield return new(new("warmup_steps", Hint: "fewer"), "use fewer warmup_steps");
        if (kind.Clips)
            yield return new(new("clip", Hint: "a larger one"), "use a larger clip");
    }
}

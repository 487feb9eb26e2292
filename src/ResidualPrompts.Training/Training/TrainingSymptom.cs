namespace ResidualPrompts.Training;

/// <summary>What can go wrong in a run that goes on all the same.</summary>
public enum TrainingSymptom
{
    /// <summary>Nearly every row gets the same answer, although the labels are mixed.</summary>
    MajorityCollapse,

    /// <summary>The prompt is still where it began.</summary>
    PromptNotMoving,

    /// <summary>Rows of the prompt are far longer than those of the vocabulary.</summary>
    ExplodingNorm,

    /// <summary>No gradient reaches a row of the prompt.</summary>
    RowWithoutGradient,

    /// <summary>Many answers are no label.</summary>
    InvalidAnswers,
}

/// <summary>Something looks wrong; raised once a run for each symptom, and the run goes on.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The pass that it was seen in.</param>
/// <param name="Symptom">What looks wrong.</param>
/// <param name="Message">What was seen and the usual remedy, on one line; settings are named as in run.json.</param>
public sealed record WarningRaised(long Step, int Epoch, TrainingSymptom Symptom, string Message) : TrainingEvent
{
    /// <summary>The settings that the message tells to change, each by itself and the usual one first.</summary>
    public IReadOnlyList<Remedy.SetSetting> Remedies { get; init; } = [];
}

namespace ResidualPrompts.Training;

/// <summary>A problem of a run that does not end it.</summary>
public enum TrainingSymptom
{
    /// <summary>Nearly every row gets the same answer, although the labels are mixed.</summary>
    MajorityCollapse,

    /// <summary>The prompt has hardly moved from its start.</summary>
    PromptNotMoving,

    /// <summary>Rows of the prompt are far longer than those of the vocabulary.</summary>
    ExplodingNorm,

    /// <summary>No gradient reaches a row of the prompt.</summary>
    RowWithoutGradient,

    /// <summary>Many answers are not a label.</summary>
    InvalidAnswers,
}

/// <summary>A warning; raised once per run for each symptom, and the run continues.</summary>
/// <param name="Step">Updates so far.</param>
/// <param name="Epoch">The epoch in which it was seen.</param>
/// <param name="Symptom">The symptom.</param>
/// <param name="Message">The observation and the usual remedy, on one line; settings are named as in run.json.</param>
public sealed record WarningRaised(long Step, int Epoch, TrainingSymptom Symptom, string Message) : TrainingEvent
{
    /// <summary>The settings to change, each on its own, the usual one first.</summary>
    public IReadOnlyList<Remedy.SetSetting> Remedies { get; init; } = [];
}

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

    /// <summary>A class has fewer rows than were asked for. Known before the first step, as all that follow.</summary>
    SmallClass,

    /// <summary>There are too few rows to hold any out for validation.</summary>
    NoValidationRows,

    /// <summary>So few rows validate that the choice of the best epoch is mostly chance.</summary>
    FewValidationRows,

    /// <summary>All training rows have the same label.</summary>
    OneClass,

    /// <summary>A file of the data's folder is not read.</summary>
    UnreadFile,

    /// <summary>A setting acts on nothing in this run.</summary>
    InertSetting,

    /// <summary>Most rows of a scored split are also rows that train, or that choose the released epoch.</summary>
    SharedRows,
}

/// <summary>A warning; raised once per run for each symptom, and the run continues.</summary>
/// <param name="Step">Updates so far; 0 before the first one.</param>
/// <param name="Epoch">The epoch in which it was seen; 0 before the first one.</param>
/// <param name="Symptom">The symptom.</param>
/// <param name="Message">The observation and the usual remedy, on one line; settings are named as in run.json.</param>
public sealed record WarningRaised(long Step, int Epoch, TrainingSymptom Symptom, string Message) : TrainingEvent
{
    /// <summary>The settings to change, each on its own, the usual one first.</summary>
    public IReadOnlyList<Remedy.SetSetting> Remedies { get; init; } = [];
}

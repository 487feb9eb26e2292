namespace ResidualPrompts.Training;

/// <summary>How far a run is. Together with the parameters and the optimizer's state this is all that the rest of the run depends on.</summary>
public sealed class TrainingState : IDisposable
{
    /// <summary>Updates so far.</summary>
    public long Step { get; set; }

    /// <summary>Complete passes over the data.</summary>
    public int CompletedEpochs { get; set; }

    /// <summary>Updates made in the pass under way.</summary>
    public int StepsInEpoch { get; set; }

    /// <summary>Sum of the losses of the pass under way.</summary>
    public double LossSum { get; set; }

    /// <summary>Evaluations since the best one.</summary>
    public int EvaluationsWithoutImprovement { get; set; }

    /// <summary>Best value of the metric that chooses, a fraction; null before the first.</summary>
    public double? BestValue { get; set; }

    /// <summary>The epoch of <see cref="BestValue"/>.</summary>
    public int BestEpoch { get; set; }

    /// <summary>What was trained at <see cref="BestValue"/>, ready to be released.</summary>
    public TrainedSnapshot? Best { get; set; }

    /// <summary>Whether the run stopped for lack of improvement.</summary>
    public bool IsPatienceExhausted { get; set; }

    /// <summary>Symptoms that were warned of.</summary>
    public ISet<TrainingSymptom> Raised { get; } = new HashSet<TrainingSymptom>();

    /// <summary>The last evaluations in a row in which nearly every answer was the same.</summary>
    public int CollapsedEvaluations { get; set; }

    /// <summary>The last evaluations in a row in which many answers were no label.</summary>
    public int InvalidEvaluations { get; set; }

    /// <inheritdoc/>
    public void Dispose() => Best?.Dispose();
}

namespace ResidualPrompts.Training;

/// <summary>The position of a run. Together with the parameters and the optimizer's state, it determines the rest of the run.</summary>
internal sealed class TrainingState : IDisposable
{
    /// <summary>Updates so far.</summary>
    public long Step { get; set; }

    /// <summary>
    /// The last step whose consequences have happened: its evaluation, the end of its epoch. A step without any leaves it unchanged.
    /// </summary>
    public long SettledStep { get; set; }

    /// <summary>Complete passes over the data.</summary>
    public int CompletedEpochs { get; set; }

    /// <summary>Updates made in the current epoch.</summary>
    public int StepsInEpoch { get; set; }

    /// <summary>Sum of the losses in the current epoch.</summary>
    public double LossSum { get; set; }

    /// <summary>Evaluations since the best one.</summary>
    public int EvaluationsWithoutImprovement { get; set; }

    /// <summary>Best value of the selecting metric, a fraction; null before the first evaluation.</summary>
    public double? BestValue { get; set; }

    /// <summary>The epoch of <see cref="BestValue"/>, from 1.</summary>
    public int BestEpoch { get; set; }

    /// <summary>The step of <see cref="BestValue"/>, from 1.</summary>
    public long BestStep { get; set; }

    /// <summary>The snapshot at <see cref="BestValue"/>, ready for release.</summary>
    public TrainedSnapshot? Best { get; set; }

    /// <summary>Whether the run stopped for lack of improvement.</summary>
    public bool IsPatienceExhausted { get; set; }

    /// <summary>Symptoms that have been raised.</summary>
    public ISet<TrainingSymptom> Raised { get; } = new HashSet<TrainingSymptom>();

    /// <summary>Number of latest consecutive steps without a gradient, for each row of the prompt; empty = 0 for all.</summary>
    public int[] StepsWithoutGradient { get; set; } = [];

    /// <summary>Number of latest consecutive evaluations with nearly the same answer for all rows.</summary>
    public int CollapsedEvaluations { get; set; }

    /// <summary>Number of latest consecutive evaluations with many answers that are not a label.</summary>
    public int InvalidEvaluations { get; set; }

    /// <summary>The epoch of the last step, from 1; 0 before the first.</summary>
    public int Epoch => CompletedEpochs + (StepsInEpoch > 0 ? 1 : 0);

    /// <inheritdoc/>
    public void Dispose() => Best?.Dispose();
}

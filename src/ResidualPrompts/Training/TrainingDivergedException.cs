namespace ResidualPrompts.Training;

/// <summary>The loss is no longer a number.</summary>
public sealed class TrainingDivergedException : Exception
{
    private TrainingDivergedException(string message)
        : base(message)
    {
    }

    internal static TrainingDivergedException At(long step, int epoch, double loss, double gradientNorm, double learningRate) => new(
        $"The loss is {loss} at step {step} (epoch {epoch}, gradient norm {gradientNorm:g3}). Likely causes: the learning rate {learningRate:g3} is too high "
        + "for this model and prompt initialization (try a tenth of it), or gradients explode (try clipping them at 1).");
}

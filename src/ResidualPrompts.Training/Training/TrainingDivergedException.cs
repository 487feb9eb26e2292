using System.Globalization;

namespace ResidualPrompts.Training;

/// <summary>The loss or the gradient norm is not finite.</summary>
public sealed class TrainingDivergedException : Exception
{
    private TrainingDivergedException(string message)
        : base(message)
    {
    }

    /// <summary>The same exception with the checkpoint to continue from.</summary>
    internal TrainingDivergedException WithCheckpoint(string? path) => new(
        path is null ? $"{Message} There is no checkpoint yet." : $"{Message} The last checkpoint is {path}.");

    internal static TrainingDivergedException At(long step, int epoch, double loss, double gradientNorm, double learningRate) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"The {(double.IsFinite(loss) ? "gradient norm" : "loss")} is {(double.IsFinite(loss) ? gradientNorm : loss)} "
        + $"at step {step} (epoch {epoch}, loss {loss:g3}, gradient norm {gradientNorm:g3})."
        + $" Likely causes: the learning rate {learningRate:g3} is too high for this model and prompt initialization (try a tenth of it), "
        + $"or gradients explode (try clipping them at 1)."));
}

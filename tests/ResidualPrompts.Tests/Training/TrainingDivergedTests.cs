using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Training;

public sealed class TrainingDivergedTests
{
    [Theory]
    [InlineData(double.NaN, 1.0, "The loss is NaN at step 7*")]
    [InlineData(2.5, double.NaN, "The gradient norm is NaN at step 7*loss 2.5*")]
    public void The_message_names_what_is_no_number(double loss, double gradientNorm, string message) =>
        TrainingDivergedException.At(7, 1, loss, gradientNorm, 0.3).Message.Should().Match(message);
}

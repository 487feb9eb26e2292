using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Tests;

public sealed class ProgressTests
{
    [Theory]
    [InlineData(80, "epoch 3/40 loss 2.984 accuracy 50.0 % 13.0/s")]
    [InlineData(70, "epoch 3/40 loss 2.984 accuracy 50.0 %")]
    [InlineData(60, "epoch 3/40 loss 2.984")]
    [InlineData(20, "")]
    public void The_text_leaves_room_for_the_bar(int width, string expected) =>
        TrainingProgress.BarText(new StepCompleted(120, 3, 2.984, 1, 8, 100, 0.1), 40, "13.0", "accuracy 50.0 %", width).Should().Be(expected);
}

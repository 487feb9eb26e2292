using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Predictions;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Tests;

public sealed class ProgressTests
{
    [Fact]
    public void The_rate_of_predictions_counts_what_this_process_did()
    {
        var progress = new PredictionProgress(2_500, 3, 500, 0.5);
        PredictionProgressBar.Text(progress, TimeSpan.FromSeconds(2)).Should().Be("2,500 rows  1,000/s  3 bad");
        PredictionProgressBar.Summary(progress, TimeSpan.FromSeconds(2), "out.csv", "bad.jsonl")
            .Should().Be("2,500 rows in out.csv, 500 of them before; 2.0 s, 1,000 rows/s; 3 bad rows in bad.jsonl");
    }

    [Theory]
    [InlineData(80, "epoch 3/40 loss 2.984 accuracy 50.0 % 13.0/s")]
    [InlineData(70, "epoch 3/40 loss 2.984 accuracy 50.0 %")]
    [InlineData(60, "epoch 3/40 loss 2.984")]
    [InlineData(20, "")]
    public void The_text_leaves_room_for_the_bar(int width, string expected) =>
        TrainingProgress.BarText(new StepCompleted(120, 3, 2.984, 1, 8, 100, 0.1), 40, "13.0", "accuracy 50.0 %", width).Should().Be(expected);
}

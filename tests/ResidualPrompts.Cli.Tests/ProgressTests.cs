using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Cli.Rendering.Progress;
using ResidualPrompts.Data;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Training;
using Spectre.Console;

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
        TrainingBar.StepText(new StepCompleted(120, 3, 2.984, 1, 8, 100, 0.1), 40, "13.0", "accuracy 50.0 %", width).Should().Be(expected);

    [Fact]
    public void A_text_of_several_lines_above_a_bar_leaves_nothing_of_the_bar_between_them()
    {
        using var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(written),
        });
        console.Profile.Width = 60;
        console.Profile.Capabilities.Unicode = true;
        console.Bar().AutoRefresh(false).Start(context =>
        {
            context.AddTask("loading the model and the data");
            context.Refresh();
            console.WriteAbove("texts      0 of 80 texts cut (0.0 %), 4 of 3007 pieces unknown, longest 117 tokens");
            context.Refresh();
        });
        var lines = Screen.Of(written.ToString());
        lines.Should().ContainInConsecutiveOrder("texts      0 of 80 texts cut (0.0 %), 4 of 3007 pieces", "unknown, longest 117 tokens");
        lines.Should().ContainSingle(line => line.Contains("loading the model"));
    }

    [Fact]
    public void In_a_pipe_lines_have_time_rate_and_remaining_time_and_every_epoch_has_one()
    {
        var (clock, said) = (new ManualClock(), new List<string>());
        var lines = new TrainingLines(new RunNotes(), said.Add, clock);
        var observer = lines.Observer;
        observer.OnLoading!();
        observer.OnStart!(Start(validation: 10));
        for (var step = 1; step <= 8; step++)
        {
            clock.Advance(20);
            observer.OnEvent!(Step(step, seconds: 20));
            if (step % 4 > 0)
                continue;
            observer.OnEvaluating!(DataSplit.Validation);
            clock.Advance(40);
            observer.OnEvent!(Evaluation(step, DataSplit.Validation, step / 8.0, isBest: step == 8));
            observer.OnEvent!(new EpochCompleted(step, step / 4, 1.25));
        }

        observer.OnEvaluating!(DataSplit.Test);
        observer.OnEvent!(Evaluation(8, DataSplit.Test, 0.25, isBest: false));
        lines.End();
        said.Should().Equal(
            "2024-02-03 04:05:06Z  loading the model and the data",
            "2024-02-03 04:05:06Z  training 5 parameters on 32 examples, 4 steps per epoch, 10 validation examples",
            "2024-02-03 04:05:46Z  epoch 1/2  step 2  loss 0.5000  0.1 steps/s  0:02:00 left",
            "2024-02-03 04:06:26Z  epoch 1/2  step 4  loss 0.5000  0.1 steps/s  0:01:20 left",
            "2024-02-03 04:07:06Z  epoch 1/2  loss 1.2500  accuracy 50.0 %  3 invalid  step 4  0.1 steps/s  0:02:00 left",
            "2024-02-03 04:07:46Z  epoch 2/2  step 6  loss 0.5000  0.1 steps/s  0:00:53 left",
            "2024-02-03 04:08:26Z  epoch 2/2  step 8  loss 0.5000  0.1 steps/s",
            "2024-02-03 04:08:26Z  validating",
            "2024-02-03 04:09:06Z  epoch 2/2  loss 1.2500  accuracy 100.0 %  best  3 invalid  step 8  0.1 steps/s",
            "2024-02-03 04:09:06Z  scoring the test split",
            "2024-02-03 04:09:06Z  test split  accuracy 25.0 %  3 invalid");
    }

    [Fact]
    public void An_evaluation_in_the_middle_of_an_epoch_has_a_line_of_its_own_and_warnings_stay_in_order()
    {
        var text = new TrainingText(2);
        string[] Lines(TrainingEvent happened) => [.. text.Of(happened).Select(parts => TrainingText.Fit(parts, 80))];
        Lines(Evaluation(2, DataSplit.Validation, 0.5, isBest: true)).Should().BeEmpty("the end of an epoch may follow");
        Lines(Step(3)).Should().Equal("step 2  accuracy 50.0 %  best  3 invalid");
        text.Metric.Should().Be("accuracy 50.0 %");
        Lines(new WarningRaised(3, 1, TrainingSymptom.InvalidAnswers, "Something is odd.")).Should().Equal("warning: Something is odd. (step 3)");
        Lines(Evaluation(4, DataSplit.Validation, 0.75, isBest: false)).Should().BeEmpty();
        Lines(new PatienceExhausted(4, 1, 3)).Should().Equal("stopping: no improvement in 3 evaluations");
        Lines(new EpochCompleted(4, 1, 0.5)).Should().Equal("epoch 1/2  loss 0.5000  accuracy 75.0 %  3 invalid  step 4");
        Lines(Evaluation(5, DataSplit.Validation, 1, isBest: false)).Should().BeEmpty();
        text.Rest().Should().ContainSingle();
        text.Rest().Should().BeEmpty("it is said once");
    }

    [Theory]
    [InlineData(60, "epoch 1/2  loss 0.5000  accuracy 75.0 %  best  3 invalid")]
    [InlineData(40, "epoch 1/2  loss 0.5000  accuracy 75.0 %")]
    [InlineData(5, "epoch 1/2")]
    public void What_does_not_fit_a_line_of_a_terminal_is_left_out_from_its_end(int width, string expected) =>
        TrainingText.Fit(["epoch 1/2", "loss 0.5000", "accuracy 75.0 %", "best", "3 invalid", "step 4000"], width).Should().Be(expected);

    [Fact]
    public void The_remaining_time_counts_evaluations_and_ends_with_the_last_step()
    {
        var clock = new ManualClock();
        var pace = new TrainingPace(100_000, clock);
        (pace.Rate, pace.Left).Should().Be(("", ""));
        clock.Advance(2);
        pace.Add(Step(1, seconds: 2));
        (pace.Rate, pace.Left).Should().Be(("0.5", "2 d 7:33:18"));
        clock.Advance(1);
        pace.Add(Step(99_999, seconds: 0));
        pace.Left.Should().Be("0:00:01", "0.97 s for a step and half a second for each step's share of the rest");
        pace.Add(Step(100_000, seconds: 0));
        pace.Left.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, false, "prompt")]
    [InlineData(false, true, "prompt and model")]
    [InlineData(true, false, "model")]
    public void What_is_released_is_called_by_its_name(bool isFull, bool trainsWeights, string name) =>
        RunReport.Released(isFull, trainsWeights).Should().Be(name);

    private static RunStart Start(int validation) => new(null, 32, validation, 4, 2, 5, 0, []) { StepCount = 8 };

    private static StepCompleted Step(long step, double seconds = 0.1) => new(step, (int)((step + 3) / 4), 0.5, 1, 8, 100, seconds);

    private static EvaluationCompleted Evaluation(long step, DataSplit split, double accuracy, bool isBest) =>
        new(step, 1, split.ToString().ToLowerInvariant(), new Dictionary<string, double?> { ["accuracy"] = accuracy }, 10, 3, isBest, 40);

    private sealed class ManualClock : TimeProvider
    {
        private DateTimeOffset _now = new(2024, 2, 3, 4, 5, 6, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now.Ticks;

        public override DateTimeOffset GetUtcNow() => _now;

        internal void Advance(double seconds) => _now = _now.AddSeconds(seconds);
    }
}

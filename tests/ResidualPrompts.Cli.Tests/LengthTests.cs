using System.Text.Json.Nodes;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>The length of a run in epochs and steps, and runs that grow.</summary>
public sealed class LengthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Run => _folder.File("run");

    /// <summary>Ten steps are an epoch.</summary>
    [Fact]
    public async Task A_length_and_a_cadence_in_steps_have_keys_of_their_own()
    {
        var run = await Train("--max-steps", "25", "--evaluate-every", "7steps", "--checkpoint-every", "5steps");
        run.ShouldSucceed();
        run.Output.Should().Contain("(step ").And.Contain(" of 25)");
        var spec = Record()["spec"]!;
        (spec["epochs"], spec["evaluate_every"]).Should().Be((null, null));
        spec["max_steps"]!.GetValue<int>().Should().Be(25);
        spec["evaluate_every_steps"]!.GetValue<int>().Should().Be(7);
        spec["checkpoint_every_steps"]!.GetValue<int>().Should().Be(5);
        var result = Record()["result"]!;
        result["steps"]!.GetValue<int>().Should().Be(25);
        result["released_step"]!.GetValue<int>().Should().Be(result["best_step"]!.GetValue<int>());
        File.ReadLines(Path.Combine(Run, "metrics.csv")).Skip(1).Select(line => line.Split(',')[0]).Should().Equal("7", "14", "21", "25");
        (await InProcess.Run("watch", Run)).Output.Should().Contain($"(step {result["released_step"]} of 25)");
    }

    [Fact]
    public async Task With_both_limits_the_one_that_decides_is_said_before_training()
    {
        var run = await Train("--max-steps", "25", "--epochs", "5");
        run.ShouldSucceed();
        run.Error.Should().Contain("The run ends after 25 steps, in epoch 3: max_steps comes before epochs, which would be 50 steps.");
    }

    [Theory]
    [InlineData("--checkpoint-every", "5", "*--checkpoint-every is 5, expected a number of steps, such as 200steps*")]
    [InlineData("--evaluate-every", "xsteps", "*--evaluate-every is xsteps, expected a number of epochs, such as 2, or of steps*")]
    [InlineData("--evaluate-every", "0steps", "*--evaluate-every is 0, expected at least 1*")]
    [InlineData("--max-steps", "0", "*--max-steps is 0, expected at least 1*")]
    public async Task A_length_that_is_none_is_refused(string option, string value, string message) =>
        (await Train(option, value)).ShouldBeRefused(message);

    [Fact]
    public async Task A_cadence_in_one_unit_replaces_that_of_the_configuration_in_the_other()
    {
        var config = _folder.Write("config.json", """{"evaluate_every": 2}""");
        (await Train("--config", config, "--max-steps", "3", "--evaluate-every", "2steps")).ShouldSucceed();
        Record()["spec"]!["evaluate_every"].Should().BeNull();
        Record()["spec"]!["evaluate_every_steps"]!.GetValue<int>().Should().Be(2);
    }

    [Fact]
    public async Task A_run_brings_all_its_settings_and_grows()
    {
        (await Train("--epochs", "1")).ShouldSucceed();
        var finished = await File.ReadAllTextAsync(Path.Combine(Run, "run.json"), TestContext.Current.CancellationToken);
        (await InProcess.Run("train", "--resume", Run)).ShouldSucceed();
        (await File.ReadAllTextAsync(Path.Combine(Run, "run.json"), TestContext.Current.CancellationToken)).Should().Be(finished);

        (await InProcess.Run("train", "--resume", Run + Path.DirectorySeparatorChar, "--epochs", "2")).ShouldSucceed();
        Record()["result"]!["steps"]!.GetValue<int>().Should().Be(20);
        (await InProcess.Run("train", "--resume", Run, "--max-steps", "23")).ShouldSucceed();
        Record()["result"]!["steps"]!.GetValue<int>().Should().Be(23);
        Record()["spec"]!["epochs"].Should().BeNull("a length in steps replaces that in epochs");
        (await InProcess.Run("train", "--resume", Run, "--max-steps", "22")).ShouldBeRefused("*has done 23 steps, so it cannot end after 22*");
        (await InProcess.Run("train", "--resume", Run, "--learning-rate", "0.1"))
            .ShouldBeRefused("*begun with other settings: learning_rate changed*");
        (await InProcess.Run("train", "--resume", Run, "--seeds", "0,1")).ShouldBeRefused("*exclude each other*");
        (await InProcess.Run("train", "--resume", _folder.File("none"))).ShouldBeRefused("*is not a run directory*");

        // The record of a run is a configuration.
        (await InProcess.Run("train", "--config", Path.Combine(Run, "run.json"), "--save-name", "again", "--max-steps", "2")).ShouldSucceed();
        JsonNode.Parse(await File.ReadAllTextAsync(_folder.File("again", "run.json"), TestContext.Current.CancellationToken))!["result"]!["steps"]!
            .GetValue<int>().Should().Be(2);
    }

    [Fact]
    public async Task A_run_lies_where_it_was_moved_to()
    {
        (await Train("--max-steps", "2")).ShouldSucceed();
        var moved = _folder.File("elsewhere", "moved");
        Directory.CreateDirectory(_folder.File("elsewhere"));
        Directory.Move(Run, moved);
        (await InProcess.Run("train", "--resume", moved, "--max-steps", "3")).ShouldSucceed();
        Directory.Exists(Run).Should().BeFalse();
    }

    [Fact]
    public async Task What_growing_needs_is_named_by_its_option()
    {
        (await Train("--max-steps", "2", "--train-weights", "layer_norm")).ShouldSucceed();
        (await InProcess.Run("train", "--resume", Run, "--max-steps", "3")).ShouldBeRefused("*--keep-checkpoint if you train it again*");
    }

    private Task<ProgramResult> Train(params string[] options) => InProcess.Run(
        [
            "train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--save-dir", _folder.Path, "--save-name",
            "run", "--batch-size", "4", "--prompt-length", "2", .. options,
        ]);

    private JsonNode Record() => JsonNode.Parse(File.ReadAllText(Path.Combine(Run, "run.json")))!;
}

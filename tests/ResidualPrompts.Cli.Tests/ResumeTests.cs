using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// A run that is killed, again and again, ends with the bytes of one that was left alone; other kinds of prompts are cut off in the tests of the
/// library.
/// </summary>
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("KILL", 4)]
    [InlineData("TERM", 1)]
    public async Task Killed_at_random_moments_a_run_ends_with_the_same_losses_and_bytes(string signal, int killCount)
    {
        string[] options =
        [
            "train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--save-dir", _folder.Path, "--dropout",
            "0.1", "--epochs", "6", "--batch-size", "4",
            "--reparameterization", "mlp", "--bottleneck-size", "8", "--network-dropout", "0.1",
        ];
        var whole = await Program.Run([.. options, "--save-name", "whole"]);
        whole.ExitCode.Should().Be(0, whole.Error);
        var expected = Losses("whole");
        expected.Length.Should().Be(60);

        var random = new Random(20261124);
        var kills = 0;
        for (var chain = 0; kills < killCount; chain++)
        {
            var name = $"killed-{chain}";
            var code = -1;
            while (code != 0 && kills < killCount)
            {
                code = await Program.Process.RunAndSignal(signal, Program.Soon(_folder.File(name, "events.jsonl"), random),
                    [.. options, "--save-name", name, "--resume"]);
                code.Should().BeOneOf(0, 130, 137, 143);
                kills += code == 0 ? 0 : 1;
            }

            var ended = await Program.Run([.. options, "--save-name", name, "--resume"]);
            ended.ExitCode.Should().Be(0, ended.Error);
            Losses(name).Should().Equal(expected);
            foreach (var file in new[] { "prompt.npy", "prompt_rows.safetensors", "adapter/adapter_model.safetensors",
                "predictions/validation.jsonl" })
                Bytes(name, file).Should().Equal(Bytes("whole", file), file);
            Directory.EnumerateFiles(_folder.File(name), "*", SearchOption.AllDirectories).Select(Path.GetFileName).Should().BeEquivalentTo(
                Directory.EnumerateFiles(_folder.File("whole"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
        }
    }

    [Theory]
    [InlineData("tokenize", "--model", "t5-nano")]
    [InlineData("score", "--model", "t5-nano", "--labels", "a")]
    public async Task Ctrl_C_ends_a_command_that_waits_for_input_with_130(params string[] arguments) =>
        (await Program.Process.RunAndSignal("INT", Task.Delay(2000, TestContext.Current.CancellationToken), arguments)).Should().Be(130);

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(_folder.File(run, file));

    private double[] Losses(string run) => TinyRun.Losses(_folder.File(run));
}

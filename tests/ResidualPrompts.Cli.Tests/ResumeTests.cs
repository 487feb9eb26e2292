using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>A run that is killed, again and again, ends with the bytes of one that was left alone.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int KillCount = 20;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("KILL", KillCount, "mlp")]
    [InlineData("TERM", 3, "mlp")]
    [InlineData("KILL", 2, "lstm")]
    [InlineData("KILL", 2, "transformer")]
    [InlineData("KILL", 2, "full")]
    public async Task Killed_at_random_moments_a_run_ends_with_the_same_losses_and_bytes(string signal, int killCount, string kind)
    {
        string[] options =
        [
            "train", "--model", IdData.WriteModel(_folder), "--data", IdData.WriteRows(_folder), "--save-dir", _folder.Path, "--dropout", "0.1", "--epochs", "12", "--batch-size", "4",
            .. kind switch
            {
                "full" => new[] { "--method", "full" },
                "mlp" => ["--reparameterization", "mlp", "--bottleneck-size", "8", "--network-dropout", "0.1"],
                "transformer" => ["--reparameterization", "transformer", "--feed-forward-size", "16"],
                _ => ["--reparameterization", kind],
            },
        ];
        var whole = await Program.Run([.. options, "--save-name", "whole"]);
        whole.ExitCode.Should().Be(0, whole.Error);
        var expected = Losses("whole");
        expected.Length.Should().Be(120);

        var random = new Random(20261124);
        var kills = 0;
        for (var chain = 0; kills < killCount; chain++)
        {
            var name = $"killed-{chain}";
            var code = -1;
            while (code != 0 && kills < killCount)
            {
                code = await Program.RunAndSignal(signal, TimeSpan.FromSeconds(0.3 + (1.2 * random.NextDouble())), [.. options, "--save-name", name, "--resume"]);
                code.Should().BeOneOf(0, 130, 137, 143);
                kills += code == 0 ? 0 : 1;
            }

            var ended = await Program.Run([.. options, "--save-name", name, "--resume"]);
            ended.ExitCode.Should().Be(0, ended.Error);
            Losses(name).Should().Equal(expected);
            string[] released = kind == "full" ? ["model/model.safetensors", "model/config.json"] : ["prompt.npy", "adapter/adapter_model.safetensors"];
            foreach (var file in released.Append("predictions/validation.jsonl"))
                Bytes(name, file).Should().Equal(Bytes("whole", file), file);
            Directory.EnumerateFiles(_folder.File(name), "*", SearchOption.AllDirectories).Select(Path.GetFileName).Should().BeEquivalentTo(
                Directory.EnumerateFiles(_folder.File("whole"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
        }
    }

    [Theory]
    [InlineData("INT", "tokenize", "--model", "t5-nano")]
    [InlineData("INT", "score", "--model", "t5-nano", "--labels", "a")]
    public async Task Ctrl_C_ends_a_command_that_waits_for_input_with_130(string signal, params string[] arguments) =>
        (await Program.RunAndSignal(signal, TimeSpan.FromSeconds(2), arguments)).Should().Be(130);

    private byte[] Bytes(string run, string file) => File.ReadAllBytes(_folder.File(run, file));

    private double[] Losses(string run) =>
    [
        .. File.ReadLines(_folder.File(run, "events.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(happened => happened.GetProperty("event").GetString() == "step").Select(step => step.GetProperty("loss").GetDouble()),
    ];
}

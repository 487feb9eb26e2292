using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.ParityTests.Models;

public sealed class SavedModelTests
{
    [Theory]
    [InlineData("v10")]
    [InlineData("v11")]
    public void A_fully_tuned_model_has_the_keys_and_shapes_that_save_pretrained_wrote(string version)
    {
        using var folder = new TemporaryFolder();
        var data = folder.Write("rows.jsonl",
            string.Concat(Enumerable.Range(0, 4).Select(i => $"{{\"input_ids\":[{i + 5},7,1],\"target_ids\":[{9 + (i % 2)},1]}}\n")));
        TrainingRun.Train(new RunSpec
        {
            Method = TuningMethod.Full,
            Model = Golden.Path("t5", version),
            Data = data,
            ValidationFraction = 0,
            Epochs = 1,
            SaveDir = folder.Path,
            SaveName = "run"
        }, cancellationToken: TestContext.Current.CancellationToken)
            .Result.Steps.Should().Be(1);
        using var saved = SafetensorsFile.Open(folder.File("run", "model", "model.safetensors"));
        using var golden = SafetensorsFile.Open(Golden.Path("t5", version, "model.safetensors"));
        saved.Entries.Keys.Should().BeEquivalentTo(golden.Entries.Keys);
        saved.Entries.Values.Should().OnlyContain(entry => entry.Shape.SequenceEqual(golden.Entries[entry.Key].Shape));
        saved.Metadata["format"].Should().Be("pt");
    }
}

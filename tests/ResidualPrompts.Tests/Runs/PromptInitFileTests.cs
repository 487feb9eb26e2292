using ResidualPrompts.Adapters;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Release;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Runs;

/// <summary>A prompt that begins at the rows of another one.</summary>
public sealed class PromptInitFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("adapter")]
    [InlineData("prompt.npy")]
    public void A_run_an_adapter_and_a_file_give_their_rows(string part)
    {
        using var scope = NewDisposeScope();
        TinyRun.Train(TinyRun.Spec(_folder, "first"));
        var source = Path.Combine(_folder.File("first"), part);
        var run = TinyRun.Train(TinyRun.Spec(_folder, "second") with { PromptInit = PromptInit.OfFile(source) });
        StartOf("second").equal(Rows("first")).all().item<bool>().Should().BeTrue();
        run.Notes.Should().NotContain(note => note.Contains("rows; they are"));
    }

    [Theory]
    [InlineData(2, "cut")]
    [InlineData(7, "repeated")]
    public void Another_length_is_cut_or_repeated_and_said(int length, string said)
    {
        using var scope = NewDisposeScope();
        TinyRun.Train(TinyRun.Spec(_folder, "first") with { PromptLength = 3 });
        var run = TinyRun.Train(TinyRun.Spec(_folder, "second") with { PromptInit = $"file:{_folder.File("first")}", PromptLength = length });
        var (rows, start) = (Rows("first"), StartOf("second"));
        start.shape.Should().Equal(length, rows.shape[1]);
        for (var row = 0; row < length; row++)
            start[row].equal(rows[row % 3]).all().item<bool>().Should().BeTrue();
        run.Notes.Should().Contain($"The prompt of {_folder.File("first")} has 3 rows; they are {said} to prompt_length {length}.");
    }

    private Tensor Rows(string run)
    {
        using var prompt = PromptFile.Read(_folder.File(run, "prompt.npy"));
        return prompt.Forward().clone();
    }

    private Tensor StartOf(string run) => PromptHistory.Read(new RunDirectory(_folder.File(run)))!.Start;
}

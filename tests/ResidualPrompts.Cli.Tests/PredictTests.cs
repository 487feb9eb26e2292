using System.Diagnostics;
using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Large files, slow input, bad rows, kills.</summary>
public sealed class PredictTests(PredictTests.Runs runs) : IClassFixture<PredictTests.Runs>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".csv", 2)]
    [InlineData(".parquet", 1)]
    public async Task Killed_at_random_moments_it_ends_with_the_same_bytes(string extension, int killCount)
    {
        var input = _folder.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 3_000).Select(i =>
            i % 500 == 9 ? "bad\n" : $"{{\"input_ids\":[{3 + (i % 90)},{3 + (i % 7)},1],\"id\":{i}}}\n")));
        string[] options = ["predict", runs.Ids, "--input", input, "--on-error", "skip", "--threads", "1"];
        var whole = (await Program.Run([.. options, "--output", _folder.File("whole" + extension)])).ShouldSucceed();
        whole.Error.Should().Match("2,994 rows in *whole.*; 6 bad rows in *whole.*.errors.jsonl\n");

        var random = new Random(20261128);
        string[] killed = [.. options, "--output", _folder.File("killed" + extension), "--resume"];
        var kills = 0;
        for (var attempt = 0; kills < killCount && attempt < 20; attempt++)
        {
            if (await Program.Process.RunAndSignal("KILL", Program.Soon(_folder.File($"killed{extension}.progress.json"), random), killed) == 137)
                kills++;
            else // it ended before the signal came
                Array.ForEach(Directory.GetFiles(_folder.Path, "killed*"), File.Delete);
        }

        kills.Should().Be(killCount);
        (await Program.Run(killed)).ShouldSucceed();
        foreach (var end in new[] { "", ".errors.jsonl" })
            File.ReadAllBytes(_folder.File("killed" + extension + end)).Should().Equal(File.ReadAllBytes(_folder.File("whole" + extension + end)));
        Directory.GetFiles(_folder.Path).Should().HaveCount(7);
    }

    [Fact]
    public async Task Rows_keep_their_fields_on_standard_output_and_bad_ones_are_told_of_on_standard_error()
    {
        var input = _folder.Write("rows.csv", "body,note\na great film,\"x, y\"\nno cells\na dull film,z\n");
        var stopped = await InProcess.Run("predict", runs.Texts, "--input", input);
        stopped.ShouldBeRefused("*rows.csv, line 3: 1 cell, expected 2 as in the header*");
        var skipped = await InProcess.Run("predict", runs.Texts, "--input", input, "--on-error", "skip", "--prefix", "p_");
        skipped.ExitCode.Should().Be(0, skipped.Error);
        skipped.Lines.Should().SatisfyRespectively(
            line => line.Should().StartWith("""{"body":"a great film","note":"x, y","p_index":0,"p_prediction":"""),
            line => line.Should().StartWith("""{"body":"a dull film","note":"z","p_index":2,"p_prediction":"""));
        skipped.Error.Should().Be("skipped row 2 (line 3): 1 cell, expected 2 as in the header\nbad rows skipped: 1\n");
    }

    [Fact]
    public async Task Slow_input_is_answered_at_once_and_nobody_computes_for_a_reader_that_is_gone()
    {
        using var process = Program.Process.Start("predict", runs.Texts);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 2; i++)
        {
            await process.StandardInput.WriteAsync("a great film\n");
            await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            var line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken); // while the input is open
            JsonDocument.Parse(line!).RootElement.EnumerateObject().Select(field => field.Name)
                .Should().Equal("index", "prediction", "reference", "scores", "invalid");
        }

        process.StandardOutput.Close();
        await process.StandardInput.WriteAsync("a dull film\n");
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken); // although more input may come
        process.ExitCode.Should().Be(141);
        (await error).Should().BeEmpty();
    }

    [Fact]
    public async Task Standard_input_that_is_closed_is_an_error()
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh",
            ["-c", $"exec '{Program.Process.Path}' predict '{runs.Texts}' <&-"])
        { RedirectStandardError = true })!;
        (await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).Should().StartWith("error: Standard input is closed");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.Should().Be(2);
    }

    [Theory]
    [InlineData("--resume requires --output*", "--resume")]
    [InlineData("--output requires --input FILE*", "--output", "out.csv")]
    [InlineData("--overwrite and --resume exclude each other.*", "--output", "out.csv", "--input", "rows.csv", "--resume", "--overwrite")]
    [InlineData("*--submission*cannot be combined*", "--output", "out.csv", "--submission", "all.zip")]
    public async Task Options_that_make_no_sense_together_are_refused(string message, params string[] options) =>
        (await InProcess.Run(["predict", runs.Texts, .. options])).ShouldBeRefused(message);

    /// <summary>A run on rows of ids and one on texts.</summary>
    public sealed class Runs : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();

        public string Ids => _folder.File("ids");

        public string Texts => _folder.File("texts");

        public async ValueTask InitializeAsync()
        {
            string[] options = ["train", "--save-dir", _folder.Path, "--epochs", "1", "--prompt-length", "2", "--validation-fraction", "0"];
            await InProcess.Run([.. options, "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--save-name",
                "ids"]);
            var data = _folder.Write("own.csv", "body,stars\na great film,5\na dull film,1\n");
            var trained = await InProcess.Run([.. options, "--model", "t5-nano", "--data", data, "--template", "review: {body}", "--label-words",
                "1=negative,5=positive", "--label-field", "stars", "--save-name", "texts"]);
            trained.ExitCode.Should().Be(0, trained.Error);
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

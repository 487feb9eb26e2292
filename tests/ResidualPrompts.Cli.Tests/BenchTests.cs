using System.Text.Json;
using ResidualPrompts.Cli.Measuring.Targets;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Measurements run and say what they promise; how fast anything was is never asserted.</summary>
public sealed class BenchTests
{
    private static readonly string[] Modes = ["packed", "padded", "straightforward"];

    [Fact]
    public async Task A_step_is_measured_and_its_json_has_every_key()
    {
        using var folder = new TemporaryFolder();
        using var json = await Step(folder, "--model", "shape:t5-nano", "--batch", "2", "--length", "6", "--prompt-length", "3", "--steps", "3");
        var result = json.RootElement;
        foreach (var part in new[] { "median", "min", "max" })
            result.GetProperty("milliseconds").GetProperty(part).GetDouble().Should().BePositive();
        var quartiles = result.GetProperty("fraction_of_raw_quartiles");
        result.GetProperty("fraction_of_raw").GetDouble().Should().BeInRange(
            quartiles.GetProperty("lower").GetDouble(), quartiles.GetProperty("upper").GetDouble());
        foreach (var key in new[] { "gflops", "raw_gflops", "fraction_of_raw", "tokens_per_second", "peak_rss_mb" })
            result.GetProperty(key).GetDouble().Should().BePositive(key);
        result.GetProperty("fill").GetDouble().Should().Be(1);
        result.GetProperty("longest_positions").GetInt32().Should().Be(9);
        result.GetProperty("loss").GetArrayLength().Should().Be(3);
        result.GetProperty("quiet").ValueKind.Should().BeOneOf(JsonValueKind.True, JsonValueKind.False);
        result.GetProperty("versions").GetProperty("libtorch").GetString().Should().NotBeEmpty();
    }

    [Fact]
    public async Task Every_mode_has_the_same_losses_on_ragged_text_and_packed_counts_valid_rows_only()
    {
        using var folder = new TemporaryFolder();
        var losses = new List<double[]>();
        foreach (var mode in Modes)
        {
            using var json = await Step(folder, "--model", "t5-nano", "--task", "copa", "--batch", "4", "--steps", "3", "--mode", mode);
            json.RootElement.GetProperty("mode").GetString().Should().Be(mode);
            json.RootElement.GetProperty("fill").GetDouble().Should().BeInRange(0.3, 0.999);
            losses.Add([.. json.RootElement.GetProperty("loss").EnumerateArray().Select(loss => loss.GetDouble())]);
        }

        losses[0].Distinct().Should().HaveCount(3);
        for (var mode = 1; mode < Modes.Length; mode++)
        {
            for (var step = 0; step < 3; step++)
                losses[mode][step].Should().BeApproximately(losses[0][step], 1e-5 * losses[0][step], $"step {step} in mode {Modes[mode]}");
        }
    }

    [Fact]
    public async Task The_losses_follow_the_seed()
    {
        using var folder = new TemporaryFolder();
        async Task<string> Losses(string seed)
        {
            using var json = await Step(folder, "--model", "t5-nano", "--batch", "2", "--length", "5", "--steps", "2", "--dropout", "0.1", "--seed",
                seed);
            return json.RootElement.GetProperty("loss").GetRawText();
        }

        var first = await Losses("7");
        (await Losses("7")).Should().Be(first);
        (await Losses("8")).Should().NotBe(first);
    }

    [Fact]
    public async Task Full_tuning_is_measured_without_a_prompt()
    {
        using var folder = new TemporaryFolder();
        using var json = await Step(folder, "--model", "t5-nano", "--method", "full", "--batch", "2", "--length", "6", "--steps", "1");
        json.RootElement.GetProperty("longest_positions").GetInt32().Should().Be(6);
        json.RootElement.GetProperty("method").GetString().Should().Be("full");
    }

    [Fact]
    public async Task The_bundled_tokenizer_serves_a_shape_and_no_temporary_model_is_left()
    {
        using var folder = new TemporaryFolder();
        using var temporary = new TemporaryFolder();
        using var json = await Step(
            folder, Program.Process.With("TMPDIR", temporary.Path).Run, "--model", "shape:t5-nano", "--task", "wsc", "--batch", "2", "--steps", "1");
        json.RootElement.GetProperty("loss").GetArrayLength().Should().Be(1);
        Directory.GetDirectories(temporary.Path, "residual-prompts-bench-*").Should().BeEmpty();
    }

    [Theory]
    [InlineData("*--length and --task exclude each other*", "--length", "5", "--task", "wsc")]
    [InlineData("*--data and --tokenizer require --task*", "--data", "wsc")]
    [InlineData("*--steps is 0, expected 1 to*", "--steps", "0")]
    [InlineData("*--length is 0, expected at least 1*", "--length", "0")]
    [InlineData("*--dropout is 1, expected*", "--dropout", "1")]
    [InlineData("--mode is 'fast', expected packed, padded or straightforward.*", "--mode", "fast")]
    [InlineData("*o task 'wsk'*Did you mean wsc*", "--task", "wsk")]
    public async Task Options_that_make_no_sense_are_refused(string message, params string[] options) =>
        (await InProcess.Run(["bench", "step", "--model", "t5-nano", .. options])).ShouldBeRefused(message);

    [Fact]
    public async Task An_unknown_shape_is_refused() =>
        (await InProcess.Run("bench", "step", "--model", "shape:t5-huge")).ShouldBeRefused("*Unknown shape 't5-huge', expected one of t5-nano, *");

    [Fact]
    public async Task A_model_of_a_shape_does_not_go_over_what_is_there()
    {
        using var folder = new TemporaryFolder();
        folder.Write("mine.txt", "");
        (await InProcess.Run("bench", "model", "shape:t5-nano", folder.Path)).ShouldBeRefused("*already exists*");
        folder.FileNames().Should().Equal("mine.txt");
    }

    [Fact]
    public async Task The_whole_table_is_measured_and_written_into_its_document()
    {
        using var folder = new TemporaryFolder();
        var document = folder.Write("performance.md", $"# Speed\n\n{MarkedSection.Targets.Begin}\nold\n{MarkedSection.End}\n\nThe end.\n");
        var result = await Program.Run("bench", "all", "--quick", "--output", document);
        result.ExitCode.Should().Be(0, result.Error);
        var written = await File.ReadAllTextAsync(document, TestContext.Current.CancellationToken);
        written.Should().Be($"# Speed\n\n{MarkedSection.Targets.Begin}\n{result.Output}{MarkedSection.End}\n\nThe end.\n");
        var rows = new TargetTable("", "", "", IsQuick: true).Rows().ToList();
        var lines = result.Lines.Skip(2).Take(rows.Count).ToList();
        foreach (var (line, row) in lines.Zip(rows))
            line.Should().StartWith($"| {row.What} | ").And.NotContain("failed").And.NotContain("unknown");
        lines.Where(line => line.Contains("not measured")).Should().OnlyContain(line => line.Contains("spm_encode"));
    }

    [Fact]
    public async Task Runs_are_evaluated_one_by_one_and_together()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("together.json");
        (await InProcess.Run("bench", "together", "--model", "t5-nano", "--runs", "2", "--rows", "3", "--rounds", "1", "--json", file))
            .ShouldSucceed().Output.Should().Contain("speed up with ensemble");
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        foreach (var key in new[] { "seconds_one_by_one", "seconds_in_one_pass", "seconds_in_one_pass_with_ensemble", "speed_up" })
            json.RootElement.GetProperty(key).GetProperty("median").GetDouble().Should().BePositive(key);
    }

    [Fact]
    public async Task A_document_without_a_place_for_the_table_is_refused_before_anything_is_measured()
    {
        using var folder = new TemporaryFolder();
        (await InProcess.Run("bench", "all", "--quick", "--output", folder.Write("a.md", "text")))
            .ShouldBeRefused("*a.md does not exist or lacks the lines*");
    }

    /// <summary>Measures in this process: but a model of a shape is made by the program itself, which needs a process of its own.</summary>
    private static Task<JsonDocument> Step(TemporaryFolder folder, params string[] options) =>
        Step(folder, options.Any(option => option.StartsWith("shape:", StringComparison.Ordinal)) ? Program.Run : InProcess.Run, options);

    private static async Task<JsonDocument> Step(TemporaryFolder folder, Func<string[], Task<ProgramResult>> run, params string[] options)
    {
        var file = folder.File("result.json");
        var result = await run(["bench", "step", .. options, "--json", file]);
        result.Error.Should().BeEmpty();
        result.ExitCode.Should().Be(0);
        result.Output.Should().Contain("fraction of raw");
        return JsonDocument.Parse(await File.ReadAllTextAsync(file));
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Compute;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Predictions;

/// <summary>A file is predicted into another, whatever happens meanwhile. Alone in the process, for the memory of all of it is measured.</summary>
[Collection<Alone>]
public sealed class PredictionJobTests(PredictionJobTests.OpenRun small) : IClassFixture<PredictionJobTests.OpenRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".jsonl")]
    [InlineData(".csv")]
    [InlineData(".tsv")]
    [InlineData(".parquet")]
    public void A_job_that_was_stopped_ends_with_the_same_bytes(string extension)
    {
        var input = WriteRows(2500, bad: 100);
        var whole = Spec(input, "whole" + extension);
        Work(whole).Should().Be(new PredictionProgress(2475, 25, 0, 1));
        ExampleFile.ReadAll(whole.Output).Select(row => (row.Value("id"), row.Value("index"))).Should().Equal(
            Enumerable.Range(0, 2500).Where(i => i % 100 != 7).Select(i => ($"row {i}", $"{i}")));

        var stopped = Spec(input, "stopped" + extension) with { Mode = RunMode.Resume };
        for (var windows = 1; windows < 3; windows++)
        {
            using var stop = new CancellationTokenSource();
            FluentActions.Invoking(() => Work(stopped, _ => stop.Cancel(), stop.Token)).Should().Throw<OperationCanceledException>();
            File.AppendAllText(extension == ".parquet" ? stopped.Output + ".rows.jsonl" : stopped.Output, "{\"half\":"); // as a kill leaves it
            File.AppendAllText(stopped.Output + ".errors.jsonl", "{");
        }

        Work(stopped).Should().Be(new PredictionProgress(2475, 25, 2027, 1));
        File.ReadAllBytes(stopped.Output).Should().Equal(File.ReadAllBytes(whole.Output));
        File.ReadAllBytes(stopped.Output + ".errors.jsonl").Should().Equal(File.ReadAllBytes(whole.Output + ".errors.jsonl"));
        File.ReadLines(whole.Output + ".errors.jsonl").First().Should()
            .Be("""{"row":8,"line":8,"reason":"no field 'input_ids'; the row has 'id', 'text'","text":"{\"id\":\"row 7\",\"text\":\"bad\"}"}""");
        _folder.FileNames().Should().BeEquivalentTo(
            new[] { "rows.jsonl" }.Concat(new[] { "whole", "stopped" }.SelectMany(name =>
                new[] { "", ".errors.jsonl", ".progress.json" }.Select(end => name + extension + end))));
        Work(stopped).ResumedRowCount.Should().Be(2475); // finished: nothing is done
    }

    [Theory]
    [InlineData(".jsonl", 5, false)]
    [InlineData(".csv", 5, true)]
    [InlineData(".parquet", 7, true)]
    public void A_job_that_is_killed_at_any_operation_and_resumed_ends_with_the_same_bytes(string extension, int step, bool isWrittenOver)
    {
        var input = WriteRows(1100, bad: 100);
        var whole = Spec(input, "whole" + extension);
        Work(whole);
        string Of(string name, string file) => name + Path.GetFileName(file)["whole".Length..];
        string[] files = [.. Directory.GetFiles(_folder.Path, "whole*").Order(StringComparer.Ordinal)];
        files.Should().HaveCount(3); // predictions, bad rows, progress
        var killed = Spec(input, "killed" + extension);
        KillPoints.Try(
            $"predict{(isWrittenOver ? " --overwrite" : "")} to {extension}", step,
            start: () =>
            {
                foreach (var file in Directory.GetFiles(_folder.Path, "*killed*"))
                    File.Delete(file);
                foreach (var file in isWrittenOver ? files : [])
                    File.Copy(file, _folder.File(Of("killed", file)));
            },
            work: continues => Work(killed with { Mode = continues ? RunMode.Resume : isWrittenOver ? RunMode.Overwrite : RunMode.New }),
            check: when =>
            {
                // An output that is still the earlier, finished one is not opened again, so that a temporary file of the record may lie there until
                // it is.
                Directory.GetFiles(_folder.Path, isWrittenOver ? "killed*" : "*killed*").Select(Path.GetFileName)
                    .Should().BeEquivalentTo(files.Select(file => Of("killed", file)), when);
                foreach (var file in files)
                    File.ReadAllBytes(_folder.File(Of("killed", file))).Should().Equal(File.ReadAllBytes(file), when);
            });
    }

    [Fact]
    public void A_full_disk_stops_the_job_and_it_goes_on_when_there_is_room()
    {
        var input = WriteRows(1100);
        var (whole, stopped) = (Spec(input, "whole.csv"), Spec(input, "stopped.csv"));
        Work(whole);
        for (var n = 1; n < 30; n += 4)
            new FaultyDisk(n, DiskFault.Fails).Run(() => Work(stopped with { Mode = RunMode.Resume }));
        Work(stopped with { Mode = RunMode.Resume });
        File.ReadAllBytes(stopped.Output).Should().Equal(File.ReadAllBytes(whole.Output));
    }

    [Fact]
    public void A_record_of_the_progress_that_cannot_be_read_is_not_taken_for_a_missing_one()
    {
        var spec = Spec(WriteRows(20), "out.csv");
        Work(spec);
        var progress = spec.Output + ".progress.json";
        using (new FileStream(progress, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            FluentActions.Invoking(() => Work(spec with { Mode = RunMode.Resume })).Should().Throw<RunException>()
                .WithMessage("*out.csv.progress.json cannot be read: *");
        File.WriteAllText(progress, File.ReadAllText(progress).Replace("\"input\":", "\"input\": \"twice\", \"input\":"));
        FluentActions.Invoking(() => Work(spec with { Mode = RunMode.Resume })).Should().Throw<RunException>()
            .WithMessage("*out.csv.progress.json is damaged*");
    }

    [Fact]
    public void At_a_bad_row_the_job_stops_and_goes_on_when_it_may_skip_it()
    {
        var input = WriteRows(2500, bad: 1200);
        var spec = Spec(input, "out.jsonl") with { SkipsBadRows = false, Mode = RunMode.Resume };
        FluentActions.Invoking(() => Work(spec)).Should().Throw<DataException>().WithMessage("*rows.jsonl, line 8: no field 'input_ids'*");
        FluentActions.Invoking(() => Work(spec with { SkipsBadRows = true }, progress => throw new IOException("disk")))
            .Should().Throw<IOException>();
        FluentActions.Invoking(() => Work(spec)).Should().Throw<DataException>().WithMessage("*line 1208: no field*");
        Work(spec with { SkipsBadRows = true }).Should().Be(new PredictionProgress(2497, 3, 1023, 1));
        Work(Spec(input, "whole.jsonl"));
        File.ReadAllBytes(spec.Output).Should().Equal(File.ReadAllBytes(_folder.File("whole.jsonl")));
    }

    [Fact]
    public void An_output_is_continued_with_what_it_is_made_of_and_replaced_only_when_asked()
    {
        var input = WriteRows(20);
        var spec = Spec(input, "out.csv");
        Work(spec);
        var first = File.ReadAllBytes(spec.Output);
        FluentActions.Invoking(() => Work(spec)).Should().Throw<RunException>().WithMessage("*out.csv' exists.")
            .Which.Should().Match<RunException>(e => e.Kind == ProblemKind.Conflict
                && e.Remedies.SequenceEqual(new Remedy[] { new Remedy.Resume(), new Remedy.Overwrite(),
                new Remedy.SetSetting("output", null, null) }));
        var resumed = spec with { Mode = RunMode.Resume };
        FluentActions.Invoking(() => Work(resumed with { Prefix = "my_" })).Should().Throw<RunException>()
            .WithMessage("*begun with another --prefix.");
        WriteRows(21);
        FluentActions.Invoking(() => Work(resumed)).Should().Throw<RunException>().WithMessage("*begun with another input.");
        File.ReadAllBytes(spec.Output).Should().Equal(first);
        Work(spec with { Mode = RunMode.Overwrite }).RowCount.Should().Be(21);
        File.Delete(spec.Output + ".progress.json");
        FluentActions.Invoking(() => Work(resumed)).Should().Throw<RunException>()
            .WithMessage("*exists, but '*out.csv.progress.json' with its progress does not*");
        FluentActions.Invoking(() => Work(Spec(input, "out.xlsx"))).Should().Throw<RunException>()
            .WithMessage("*expected .jsonl, .csv, .tsv, .parquet, found '.xlsx'*");
        FluentActions.Invoking(() => Work(Spec(input, "rows.jsonl"))).Should().Throw<RunException>().WithMessage("*is the input itself*");
    }

    [Theory]
    [InlineData(".jsonl")]
    [InlineData(".csv")]
    [InlineData(".parquet")]
    public void Finished_is_checked_against_the_files(string extension)
    {
        var spec = Spec(WriteRows(200, bad: 100), "out" + extension) with { Mode = RunMode.Resume };
        var done = Work(spec);
        Work(spec).Should().Be(done with { ResumedRowCount = done.RowCount });
        foreach (var file in new[] { spec.Output, spec.Output + ".errors.jsonl" })
        {
            var good = File.ReadAllBytes(file);
            foreach (var damaged in new[] { [], good[..^1], [.. good, (byte)10], [.. good[..^40], (byte)(good[^40] ^ 1), .. good[^39..]] })
            {
                if (file != spec.Output && damaged.Length == good.Length)
                    continue; // of the file of bad rows only the length is known
                File.WriteAllBytes(file, damaged);
                FluentActions.Invoking(() => Work(spec)).Should().Throw<RunException>().WithMessage("*finished, but it or its file of bad rows*")
                    .Which.Remedies.Should().Contain(new Remedy.Overwrite());
                File.ReadAllBytes(file).Should().Equal(damaged);
            }

            File.WriteAllBytes(file, good);
        }

        File.Delete(spec.Output);
        FluentActions.Invoking(() => Work(spec)).Should().Throw<RunException>().Which.Remedies.Should().Contain(new Remedy.Overwrite());
    }

    [Fact]
    public void An_output_of_float32_is_not_continued_in_int8()
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, "this processor has no vectors for it");
        var spec = Spec(WriteRows(20), "out.csv");
        Work(spec);
        var progress = spec.Output + ".progress.json";
        // of a version that had no choice
        File.WriteAllText(progress, OfAnEarlierVersion(File.ReadAllText(progress)).Replace("\"--prefix\": \"\",", "\"--prefix\": \"\"")
            .Replace("\"--int8\": false", ""));
        var resumed = spec with { Mode = RunMode.Resume };
        Work(resumed).ResumedRowCount.Should().Be(20);
        using var int8 = small.Open(new BackboneOptions { Int8 = true });
        FluentActions.Invoking(() => Work(resumed, run: int8)).Should().Throw<RunException>().WithMessage("*begun with another --int8.");
    }

    [Fact]
    public void An_output_in_int8_is_continued_by_the_same_kernel_alone()
    {
        Assert.SkipWhen(ComputeChoice.Int8Kernel is null, "this processor has no vectors for it");
        var spec = Spec(WriteRows(20), "out.csv");
        using var int8 = small.Open(new BackboneOptions { Int8 = true });
        Work(spec, run: int8);
        var progress = spec.Output + ".progress.json";
        var written = File.ReadAllText(progress);
        written.Should().Contain($"\"--int8\": \"{ComputeChoice.Int8Kernel}\"");
        var resumed = spec with { Mode = RunMode.Resume };
        void Record(string kernel) => File.WriteAllText(
            progress, OfAnEarlierVersion(written).Replace($"\"{ComputeChoice.Int8Kernel}\"", kernel));

        Record("\"another\"");
        FluentActions.Invoking(() => Work(resumed, run: int8)).Should().Throw<RunException>().WithMessage("*begun with another --int8.");
        Record("true"); // of a version whose kernels gave the bits of avx-vnni
        if (ComputeChoice.Int8Kernel == "avx-vnni")
            Work(resumed, run: int8).ResumedRowCount.Should().Be(20);
        else
            FluentActions.Invoking(() => Work(resumed, run: int8)).Should().Throw<RunException>().WithMessage("*begun with another --int8.");
    }

    /// <summary>The progress of an output without a digest of itself.</summary>
    private static string OfAnEarlierVersion(string progress)
    {
        var json = JsonNode.Parse(progress)!.AsObject();
        json.Remove("record_digest").Should().BeTrue();
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    [Fact]
    public void Two_jobs_do_not_write_the_same_output()
    {
        var spec = Spec(WriteRows(2000), "out.jsonl") with { Mode = RunMode.Overwrite };
        var refused = 0;
        Work(spec, _ =>
        {
            FluentActions.Invoking(() => Work(spec)).Should().Throw<RunException>().WithMessage("*being written by another process*");
            refused++;
        });
        refused.Should().Be(2);
        File.ReadLines(spec.Output).Should().HaveCount(2000);
    }

    [Fact]
    public void Columns_of_the_same_name_as_the_predictions_are_an_error_unless_a_prefix_is_given()
    {
        var input = _folder.Write("rows.jsonl", """{"input_ids":[5,6,1],"scores":1.50}""" + "\n");
        var spec = Spec(input, "out.jsonl");
        FluentActions.Invoking(() => Work(spec)).Should().Throw<DataException>().WithMessage("*line 1: the row has a field 'scores'*prefix*")
            .Which.Remedies.OfType<Remedy.SetSetting>().Single().Name.Should().Be("prefix");
        _folder.FileNames().Should().Equal("rows.jsonl"); // so that the same command can be given again
        File.WriteAllText(spec.Output, "an earlier output");
        FluentActions.Invoking(() => Work(spec with { Mode = RunMode.Overwrite })).Should().Throw<DataException>();
        File.ReadAllText(spec.Output).Should().Be("an earlier output");
        _folder.FileNames().Should().Equal("out.jsonl", "rows.jsonl");
        Work(spec with { Mode = RunMode.Overwrite, Prefix = "my_" });
        File.ReadAllText(spec.Output).Should().StartWith("""{"input_ids":[5,6,1],"scores":1.50,"my_index":0,"my_prediction":""");
    }

    [Fact]
    public void Memory_does_not_grow_with_the_rows()
    {
        var input = WriteRows(10_000, bad: 50, padding: 400);
        var live = new List<long>();
        Work(Spec(input, "out.csv"), _ => live.Add(GC.GetTotalMemory(forceFullCollection: true)));
        live.Should().HaveCount(10);
        (live.Max() - live[0]).Should().BeLessThan(1 << 18); // of 5 MB
    }

    private PredictionProgress Work(PredictionJobOptions spec, Action<PredictionProgress>? onProgress = null, CancellationToken? cancellation = null,
        TrainedRun? run = null) =>
        PredictionJob.Run(run ?? small.Run, spec, onProgress, cancellation ?? TestContext.Current.CancellationToken);

    private PredictionJobOptions Spec(string input, string output) => new() { Input = input, Output = _folder.File(output), SkipsBadRows = true };

    /// <summary>
    /// Rows of ids of several lengths; of each so many the eighth is bad. They are written one by one, so that no buffer stays that has room for all.
    /// </summary>
    private string WriteRows(int count, int bad = 0, int padding = 0)
    {
        File.WriteAllLines(_folder.File("rows.jsonl"), Enumerable.Range(0, count).Select(i => bad > 0 && i % bad == 7
            ? $"{{\"id\":\"row {i}\",\"text\":\"bad\"}}"
            : $"{{\"id\":\"row {i}\",\"input_ids\":[{string.Join(',', TinyT5.RandomIds(TinyT5.Version11, 2 + (i % 5), i))}],\"text\":\"a, \\\"b\\\" "
            + $"{new string('x', padding)}\"}}"));
        return _folder.File("rows.jsonl");
    }

    /// <summary>A trained prompt of a tiny model.</summary>
    public sealed class OpenRun : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public OpenRun()
        {
            TinyRun.Train(TinyRun.Spec(_folder) with { PromptLength = 2 });
            Run = Open();
        }

        public TrainedRun Run { get; }

        public TrainedRun Open(BackboneOptions? options = null) => TinyRun.Open(_folder.File("run"), options: options);

        public void Dispose()
        {
            Run.Dispose();
            _folder.Dispose();
        }
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs;

/// <summary>What run.json says of the machine, the memory and the times of a run.</summary>
public sealed class RunRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string RecordPath => _folder.File("run", "run.json");

    private JsonObject Record => JsonNode.Parse(File.ReadAllText(RecordPath))!.AsObject();

    [Fact]
    public void A_finished_run_tells_processor_memory_start_and_end()
    {
        var before = DateTime.UtcNow.AddSeconds(-1);
        TinyRun.Train(TinyRun.Spec(_folder));
        var environment = Record["environment"]!;
        ((string?)environment["processor"]).Should().Be(Processor.Name).And.NotBeNullOrWhiteSpace();
        environment["instruction_sets"]!.AsArray().Select(name => (string)name!).Should().Equal(Processor.InstructionSets);
        ((long)Record["peak_memory_bytes"]!).Should().BeInRange(10_000_000, Environment.WorkingSet * 100);
        Time("started").Should().BeOnOrAfter(before);
        Time("ended").Should().BeOnOrAfter(Time("started")).And.BeOnOrBefore(DateTime.UtcNow);
    }

    [Fact]
    public void A_resumed_run_keeps_its_first_start_and_the_larger_memory()
    {
        Interrupt();
        Time("ended").Should().BeOnOrAfter(Time("started"));
        var longAgo = "2020-02-03T04:05:06Z";
        Change(record => (record["started"], record["peak_memory_bytes"]) = (longAgo, long.MaxValue));
        string? endedMeanwhile = "never read";
        TinyRun.Train(Spec, RunMode.Resume, new RunObserver(OnEvent: _ => endedMeanwhile = (string?)Record["ended"]));
        endedMeanwhile.Should().BeNull("the run is in progress");
        ((string?)Record["started"]).Should().Be(longAgo);
        Time("ended").Should().BeAfter(Time("started").AddYears(1));
        ((long)Record["peak_memory_bytes"]!).Should().Be(long.MaxValue);
    }

    [Fact]
    public void A_record_of_an_earlier_version_has_the_start_of_its_last_process()
    {
        Interrupt();
        Change(record =>
        {
            record["environment"]!["started"] = "2021-02-03T04:05:06Z";
            foreach (var key in new[] { "started", "ended", "peak_memory_bytes" })
                record.Remove(key);
        });
        TinyRun.Train(Spec, RunMode.Resume);
        ((string?)Record["started"]).Should().Be("2021-02-03T04:05:06Z");
        ((long)Record["peak_memory_bytes"]!).Should().BePositive();
    }

    [Fact]
    public void A_run_that_is_started_over_has_a_new_start()
    {
        TinyRun.Train(Spec);
        Change(record => record["started"] = "2020-02-03T04:05:06Z");
        TinyRun.Train(Spec, RunMode.Overwrite);
        Time("started").Year.Should().BeGreaterThan(2020);
    }

    [Theory]
    [InlineData("started", "\"yesterday\"")]
    [InlineData("ended", "5")]
    [InlineData("peak_memory_bytes", "\"much\"")]
    public void A_time_or_a_size_that_is_none_is_refused(string key, string value)
    {
        TinyRun.Train(Spec);
        Change(record => record[key] = JsonNode.Parse(value));
        FluentActions.Invoking(() => RunRecord.Read(new RunDirectory(_folder.File("run")))).Should().Throw<RunException>().WithMessage($"*{key}*");
    }

    [Fact]
    public void An_observer_is_told_before_a_split_is_evaluated()
    {
        var seen = new List<string>();
        TinyRun.Train(Spec with { Data = TinyFolder.WriteRows(_folder, test: 4), Test = true }, observer: new RunObserver(OnEvent: happened =>
        {
            if (happened is EvaluationCompleted evaluation)
                seen.Add($"{evaluation.Split} done");
        })
        {
            OnLoading = () => seen.Add("loading"),
            OnEvaluating = split => seen.Add($"{split}"),
        });
        seen.Should().Equal("loading", "Validation", "validation done", "Validation", "validation done", "Validation", "Test", "test done");
    }

    [Fact]
    public void A_run_that_is_refused_or_finished_loads_nothing_and_a_failing_display_ends_no_run()
    {
        var count = 0;
        var observer = new RunObserver { OnLoading = () => throw new InvalidOperationException($"the display fails {++count} times") };
        TinyRun.Train(Spec, observer: observer).Result.Steps.Should().BePositive();
        TinyRun.Train(Spec, RunMode.Resume, observer);
        FluentActions.Invoking(() => TinyRun.Train(Spec, RunMode.New, observer)).Should().Throw<RunException>();
        count.Should().Be(1);
    }

    [Theory]
    [InlineData("processor\t: 0\nmodel name\t: AMD EPYC 7763 64-Core: two\nflags : fpu\nmodel name : other", "AMD EPYC 7763 64-Core: two")]
    [InlineData("processor : 0\nmodel name :   \n", null)]
    [InlineData("processor : 0\nCPU implementer : 0x41\n", null)]
    [InlineData(null, null)]
    public void The_name_of_a_processor_stands_in_the_table_of_the_kernel(string? table, string? name) => Processor.NameIn(table).Should().Be(name);

    private ResidualPrompts.Runs.Settings.RunSpec Spec => TinyRun.Spec(_folder) with { Epochs = 2 };

    private DateTime Time(string key)
    {
        var text = (string)Record[key]!;
        text.Should().EndWith("Z");
        return DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
    }

    private void Interrupt()
    {
        using var stop = new CancellationTokenSource();
        TinyRun.TrainUntil(stop, Spec, new RunObserver(OnEvent: happened => { if (happened is EpochCompleted) stop.Cancel(); }));
    }

    private void Change(Action<JsonObject> change)
    {
        var record = Record;
        change(record);
        File.WriteAllText(RecordPath, record.ToJsonString());
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Compute;
using ResidualPrompts.Files;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs;

/// <summary>A resumed run computes as it did. Where it cannot, or shall not, it says so, and claims no equal bytes.</summary>
[Collection<Alone>] // the environment and the threads are the process's
public sealed class SegmentTests : IDisposable
{
    private const int StopAt = 13;
    private const string Different = "From step 13 on, this run is computed differently: ";
    private readonly TemporaryFolder _folder = new();
    private readonly string? _before = Environment.GetEnvironmentVariable(ComputeChoice.Variable);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(ComputeChoice.Variable, _before);
        _folder.Dispose();
    }

    [Theory]
    [InlineData("libtorch")]
    [InlineData("managed")]
    public void A_run_continues_with_its_own_choice_and_ends_with_the_same_bytes(string policy)
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, ComputingKernels.Reason);
        Policy = policy;
        TinyRun.Train(Spec("whole"));
        Stop("run");
        Policy = null; // what this machine would choose is something else
        TinyRun.Train(Spec("run"), RunMode.Resume).Notes.Should().BeEmpty();
        SameRun.Check(Spec("run"), Spec("whole"), policy);
        Segments("run").Should().ContainSingle().Which.FromStep.Should().Be(0);
        var compute = Record("run")["environment"]!["compute"]!.AsObject();
        (compute["policy"]!.GetValue<string>(), compute["basis"]!.GetValue<string>()).Should().Be((policy, "policy"));
        Card("run").Should().NotContain("segments");
    }

    [Fact]
    public void A_mixed_choice_is_continued_too()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, ComputingKernels.Reason);
        Policy = "managed";
        Stop("run");
        Change("run", text => text.Replace("\"norm\": \"managed", "\"norm\": \"libtorch\", \"was\": \"managed"));
        Policy = null;
        TinyRun.Train(Spec("run"), RunMode.Resume).Notes.Should().BeEmpty();
        var compute = Record("run")["environment"]!["compute"]!;
        compute["norm"]!.GetValue<string>().Should().Be("libtorch");
        compute["linear"]!.GetValue<string>().Should().StartWith("managed-");
    }

    [Fact]
    public void Who_asks_for_another_policy_gets_it_and_a_second_segment()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, ComputingKernels.Reason);
        Policy = "managed";
        Stop("run");
        Policy = "libtorch";
        var note = TinyRun.Train(Spec("run"), RunMode.Resume).Notes.Should().ContainSingle().Subject;
        note.Should().StartWith(Different).And.Contain("norm by libtorch instead of managed-").And.Contain("segments");
        Segments("run").Select(segment => (segment.FromStep, segment.Compute["norm"][..4])).Should().Equal((0, "mana"), (StopAt, "libt"));
        Card("run").Should().Contain("Trained in 2 segments that were computed differently");
    }

    [Fact]
    public void A_processor_without_the_instructions_says_that_it_changes_and_adds_a_segment()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, ComputingKernels.Reason);
        Policy = "managed";
        Stop("run");
        Change("run", text => text.Replace($"managed-{ComputeChoice.ManagedInstructions}", "managed-avx4096"));
        Policy = null;
        var note = TinyRun.Train(Spec("run"), RunMode.Resume).Notes.Should().ContainSingle().Subject;
        note.Should().StartWith(Different).And.Contain("instead of managed-avx4096");
        var segments = Segments("run");
        segments.Select(segment => segment.FromStep).Should().Equal(0, StopAt);
        segments[0].Compute.Values.Should().OnlyContain(name => name == "managed-avx4096");
        foreach (var (operation, name) in OperationNames.All)
            segments[1].Compute[name].Should().Be(ComputeChoice.Kernels(null).NameOf(operation));
        TinyRun.Losses(_folder.File("run")).Should().HaveCount(30);
    }

    [Fact]
    public void Another_number_of_threads_makes_a_segment()
    {
        Stop("run");
        var before = ComputeThreads.Current;
        try
        {
            ComputeThreads.Set(before + 1);
            TinyRun.Train(Spec("run"), RunMode.Resume).Notes.Should().ContainSingle()
                .Which.Should().StartWith($"{Different}{before + 1} threads instead of {before}. ");
        }
        finally
        {
            ComputeThreads.Set(before);
        }

        Segments("run").Select(segment => (segment.FromStep, segment.ThreadCount)).Should().Equal((0, before), (StopAt, before + 1));
    }

    [Fact]
    public void A_record_of_an_earlier_version_is_read_and_continued()
    {
        Policy = "libtorch";
        Stop("run");
        Change("run", text =>
        {
            var json = JsonNode.Parse(text)!.AsObject();
            json.Remove("segments");
            foreach (var key in new[] { "compute", "processor", "thread_count", "product_kernel" })
                json["environment"]!.AsObject().Remove(key);
            return json.ToJsonString();
        });
        TinyRun.Train(Spec("run"), RunMode.Resume).Notes.Should().BeEmpty();
        Segments("run").Should().ContainSingle();
        TinyRun.Losses(_folder.File("run")).Should().HaveCount(30);
    }

    [Theory]
    [InlineData("segments", "[null]")]
    [InlineData("segments", "[{\"from_step\":0}]")]
    [InlineData("segments", "3")]
    [InlineData("environment", "{\"compute\":3}")]
    public void A_damaged_record_is_refused(string key, string value)
    {
        Stop("run");
        Change("run", text =>
        {
            var json = JsonNode.Parse(text)!.AsObject();
            json.Remove("segments");
            json[key] = JsonNode.Parse(value);
            return json.ToJsonString();
        });
        var act = () => TinyRun.Train(Spec("run"), RunMode.Resume);
        act.Should().Throw<RunException>().WithMessage($"*run.json*{key}*");
    }

    [Theory]
    [InlineData(0, "0B")] // nothing of the earlier ones is left
    [InlineData(5, "0A 5B")]
    [InlineData(10, "0A 10B")] // the steps from 10 on are done again
    [InlineData(11, "0A 10B")]
    public void Steps_that_are_done_again_belong_to_who_does_them(long step, string expected)
    {
        static RunSegment By(string processor, long from) => new(from, processor, new Dictionary<string, string>(), 2);
        var segments = RunSegment.Continue([By("A", 0), By("B", 10)], By("B", 0), step);
        string.Join(' ', segments.Select(segment => $"{segment.FromStep}{segment.Processor}")).Should().Be(expected);
        RunSegment.Continue([By("A", 0), By("B", 10)], By("A", 0), 10).Should().ContainSingle(); // B did no step
    }

    private static string? Policy { set => Environment.SetEnvironmentVariable(ComputeChoice.Variable, value); }

    private RunSpec Spec(string name) => TinyRun.Spec(_folder, name) with { Epochs = 3, BatchSize = 4, Dropout = 0.1 };

    private void Stop(string name)
    {
        using var stop = new CancellationTokenSource();
        TinyRun.TrainUntil(stop, Spec(name), new RunObserver(OnEvent: trainingEvent =>
        {
            if (trainingEvent is StepCompleted { Step: StopAt })
                stop.Cancel();
        }));
    }

    private void Change(string name, Func<string, string> change)
    {
        var file = _folder.File(name, "run.json");
        var (before, after) = (File.ReadAllText(file), change(File.ReadAllText(file)));
        after.Should().NotBe(before);
        File.WriteAllText(file, after);
    }

    private JsonObject Record(string name) => JsonNode.Parse(File.ReadAllText(_folder.File(name, "run.json")))!.AsObject();

    private List<RunSegment> Segments(string name) => Record(name)["segments"].Deserialize<List<RunSegment>>(JsonFormats.Required)!;

    private string Card(string name) => File.ReadAllText(_folder.File(name, "adapter", "README.md"));
}

using System.Globalization;
using System.Text.Json.Nodes;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs;

/// <summary>A run that grows ends as one of the greater length from the start; where it would not, it is refused with the reason.</summary>
[Collection<Alone>]
public sealed class GrownRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Five steps are an epoch; a length such as 7s is in steps.</summary>
    [Theory]
    [InlineData("2 3", null, "")]
    [InlineData("1 6", null, "")]
    [InlineData("2 3", 1, "")]
    [InlineData("2 3", 2, "")]
    [InlineData("3 5", 2, "")]
    [InlineData("3 4", 3, "")]
    [InlineData("2 6", 3, "")]
    [InlineData("7s 12s", null, "")]
    [InlineData("7s 8s", 2, "")]
    [InlineData("7s 3", null, "")]
    [InlineData("7s 15s", null, "every 3 steps")]
    [InlineData("6s 9s", null, "every 3 steps")]
    [InlineData("2 3", null, "no validation")]
    [InlineData("7s 12s", null, "no validation")]
    [InlineData("2 4", null, "test")]
    [InlineData("7s 12s 18s", 2, "test")]
    [InlineData("1 2 4", null, "")]
    [InlineData("2 3", null, "last")]
    [InlineData("1 2", null, "warns")]
    [InlineData("1 4", null, "warns")]
    [InlineData("4s 17s", 3, "warns")]
    [InlineData("1 3", null, "full")]
    [InlineData("1 3", null, "weights")]
    public void A_grown_run_is_as_one_of_its_length_from_the_start(string lengths, int? every, string kind)
    {
        var parts = lengths.Split(' ');
        foreach (var (index, length) in parts.Index())
        {
            using var run = Train(Spec("run", length, every, kind), index == 0 ? RunMode.New : RunMode.Resume);
            run.Notes.Should().BeEmpty();
        }

        var whole = Spec("whole", parts[^1], every, kind);
        Train(whole).Dispose();
        SameRun.Check(Spec("run", parts[^1], every, kind), whole, lengths);
        if (kind == "warns")
            TinyRun.Events(whole.Directory, "warning").Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("2", "2", "prompt")]
    [InlineData("7s", "7s", "prompt")]
    [InlineData("2", "4", "prompt")]
    [InlineData("2", "2", "full")]
    public void A_test_score_that_is_asked_for_later_is_that_of_a_run_that_had_it_from_the_start(string length, string then, string kind)
    {
        RunSpec Of(string name, string steps, bool test) => Spec(name, steps, null, "test") with
        {
            Test = test,
            Method = kind == "full" ? TuningMethod.Full : TuningMethod.Prompt,
            KeepCheckpoint = kind == "full",
        };
        var (spec, scored, whole) = (Of("run", length, false), Of("run", then, true), Of("whole", then, true));
        Train(whole).Dispose();
        Train(spec).Dispose();
        using (var run = Train(scored, RunMode.Resume))
            run.Result.Test.Should().NotBeNull();
        SameRun.Check(scored, whole, "with a test score");
        FluentActions.Invoking(() => Train(spec with { Epochs = scored.Epochs, MaxSteps = scored.MaxSteps }, RunMode.Resume))
            .Should().Throw<RunException>().WithMessage("*begun with other settings: test changed.*");
    }

    [Fact]
    public void A_run_that_patience_ended_gets_its_test_score_and_one_without_its_checkpoint_is_refused()
    {
        RunSpec Of(string name, bool test) => Spec(name, "20", null, "test") with { Test = test, Patience = 1, LearningRate = 1e-7 };
        var (spec, scored, whole) = (Of("run", false), Of("run", true), Of("whole", true));
        Train(whole).Dispose();
        using (var run = Train(spec))
            run.Result.Epochs.Should().BeLessThan(20);
        Train(scored, RunMode.Resume).Dispose();
        SameRun.Check(scored, whole, "ended by patience");

        var full = Spec("full", "1", null, "test") with { Test = false, Method = TuningMethod.Full, LearningRate = null };
        Train(full).Dispose();
        FluentActions.Invoking(() => Train(full with { Test = true }, RunMode.Resume))
            .Should().Throw<RunException>().WithMessage("*checkpoint*");
    }

    [Fact]
    public void A_growing_run_that_is_killed_at_any_operation_ends_with_the_same_bytes_and_never_says_finished_without_its_files()
    {
        var (spec, longer, whole) = (Spec("run", "1", null, "test"), Spec("run", "12s", null, "test"), Spec("whole", "12s", null, "test"));
        Train(whole).Dispose();
        Train(spec).Dispose();
        var kept = _folder.File("kept");
        TinyFolder.Copy(spec.Directory, kept);
        KillPoints.Try(
            "train --resume to a greater length", step: 11,
            start: () =>
            {
                Directory.Delete(spec.Directory, recursive: true);
                TinyFolder.Copy(kept, spec.Directory);
            },
            work: _ => Train(longer, RunMode.Resume).Dispose(),
            check: when => SameRun.Check(longer, whole, when),
            between: when =>
            {
                var record = RunRecord.Read(new RunDirectory(spec.Directory));
                if (record.Status != RunStatus.Finished)
                    return;
                ReleasedFiles.Problem(new RunDirectory(spec.Directory), record).Should().BeNull(when);
                record.Result!.Steps.Should().Be(RunLength.Of(record.Spec, record.Inputs.TrainCount).LastStep, when);
            });
    }

    [Fact]
    public void A_run_that_was_to_grow_can_be_finished_at_its_old_length()
    {
        var (spec, longer, whole) = (Spec("run", "2"), Spec("run", "5"), Spec("whole", "2"));
        Train(whole).Dispose();
        Train(spec).Dispose();
        Stop(longer, (stop, _) => stop.Cancel(), (_, _) => { }); // before the first new step
        RunRecord.Read(new RunDirectory(spec.Directory)).Status.Should().Be(RunStatus.Interrupted);
        Train(spec, RunMode.Resume).Dispose();
        SameRun.Check(spec, whole, "at its old length");

        Stop(longer, (_, _) => { }, (stop, happened) =>
        {
            if (happened is StepCompleted)
                stop.Cancel();
        });
        var refused = () => Train(spec, RunMode.Resume);
        refused.Should().Throw<RunException>().WithMessage("*has done 11 steps, so it cannot end after 10*");
        Train(Spec("run", "3"), RunMode.Resume).Dispose();
        Train(Spec("whole", "3"), RunMode.Overwrite).Dispose();
        SameRun.Check(Spec("run", "3"), Spec("whole", "3"), "after all");
    }

    private static void Stop(
        RunSpec spec, Action<CancellationTokenSource, RunStart> start, Action<CancellationTokenSource, TrainingEvent> happened)
    {
        using var stop = new CancellationTokenSource();
        var observer = new RunObserver(OnStart: told => start(stop, told), OnEvent: told => happened(stop, told));
        var stopped = () => TrainingRun.Train(spec, RunMode.Resume, observer, stop.Token);
        stopped.Should().Throw<RunInterruptedException>();
    }

    [Theory]
    [InlineData(ScheduleKind.Linear)]
    [InlineData(ScheduleKind.Cosine)]
    public void Another_schedule_than_a_constant_one_fixes_the_length(ScheduleKind schedule) =>
        Refused("1", "2", spec => spec with { Schedule = schedule }).WithMessage("*cannot change its length: with schedule *Only a constant*");

    [Theory]
    [InlineData("3", "2", "*has done 15 steps, so it cannot end after 10*")]
    [InlineData("9s", "8s", "*has done 9 steps, so it cannot end after 8*")]
    public void Fewer_steps_than_are_done_are_refused(string length, string shorter, string message) =>
        Refused(length, shorter).WithMessage(message);

    [Fact]
    public void Evaluations_that_change_are_refused_unless_the_cadence_is_given()
    {
        Refused("50", "51").WithMessage("*was evaluated every epoch so far, but a run of this length and these settings is evaluated every 5 epochs*")
            .Which.Remedies[0].Should().Be(new Remedy.SetSetting("evaluate_every", "1"));
        Train(Spec("run", "51", 1), RunMode.Resume).Dispose();
        Train(Spec("whole", "51", 1)).Dispose();
        SameRun.Check(Spec("run", "51", 1), Spec("whole", "51", 1), "with the cadence");
    }

    [Fact]
    public void Another_cadence_is_accepted_as_long_as_nothing_was_evaluated()
    {
        Train(Spec("run", "1", 3)).Dispose();
        Train(Spec("run", "4", 2), RunMode.Resume).Dispose();
        Train(Spec("whole", "4", 2)).Dispose();
        SameRun.Check(Spec("run", "4", 2), Spec("whole", "4", 2), "before the first evaluation");
    }

    [Fact]
    public void Another_setting_is_refused_with_a_greater_length_too() =>
        Refused("1", "2", longer: spec => spec with { Seed = 4 }).WithMessage("*was begun with other settings: *seed*");

    [Fact]
    public void A_run_that_patience_ended_says_so_and_stays()
    {
        RunSpec Patient(string length) => Spec("run", length) with { Patience = 1, LearningRate = 1e-8, Dropout = 0 };
        Train(Patient("5")).Result.Steps.Should().Be(10); // nothing improves after the first epoch
        var before = Directory.GetFiles(Patient("5").Directory, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);
        using var run = Train(Patient("9"), RunMode.Resume);
        run.Notes.Should().Equal("Patience ended the run after step 10, and would at any greater length: it stays as it is.");
        run.Result.Steps.Should().Be(10);
        foreach (var (file, bytes) in before)
            File.ReadAllBytes(file).Should().Equal(bytes, file);
    }

    [Theory]
    [InlineData("full")]
    [InlineData("weights")]
    public void The_checkpoint_of_trained_weights_goes_with_the_end_of_the_run_unless_it_is_kept(string kind)
    {
        RunSpec Dropping(string length) => Spec("run", length, null, kind) with { KeepCheckpoint = false };
        Train(Dropping("1")).Dispose();
        Directory.Exists(Path.Combine(Dropping("1").Directory, "checkpoint")).Should().BeFalse();
        Train(Dropping("1"), RunMode.Resume).Result.Steps.Should().Be(5);
        var act = () => Train(Dropping("2"), RunMode.Resume);
        act.Should().Throw<RunException>().WithMessage("*checkpoint stays only with keep_checkpoint*")
            .Which.Remedies.Should().Contain(remedy => remedy is Remedy.SetSetting && ((Remedy.SetSetting)remedy).Name == "keep_checkpoint");
    }

    [Fact]
    public void A_run_of_trained_weights_that_is_killed_around_the_end_leaves_no_checkpoint()
    {
        RunSpec Dropping(string name) => Spec(name, "1", null, "weights") with { KeepCheckpoint = false };
        Train(Dropping("whole")).Dispose();
        KillPoints.Try(
            "train --train-weights", step: 23,
            start: () =>
            {
                if (Directory.Exists(Dropping("run").Directory))
                    Directory.Delete(Dropping("run").Directory, recursive: true);
            },
            work: continues => Train(Dropping("run"), continues ? RunMode.Resume : RunMode.New).Dispose(),
            check: when =>
            {
                Train(Dropping("run"), RunMode.Resume).Dispose(); // removes what could not be removed before
                SameRun.Check(Dropping("run"), Dropping("whole"), when);
            });
    }

    [Fact]
    public void A_prompt_to_start_from_that_has_changed_is_noticed()
    {
        Train(Spec("first", "1")).Dispose();
        Train(Spec("second", "1") with { Seed = 4 }).Dispose();
        var (start, spec) = (_folder.File("start.npy"), Spec("run", "1"));
        File.Copy(Path.Combine(_folder.Path, "first", "prompt.npy"), start);
        spec = spec with { PromptInit = $"file:{start}" };
        Train(spec).Dispose();
        var record = Path.Combine(spec.Directory, "run.json");
        JsonNode.Parse(File.ReadAllText(record))!["inputs"]!["prompt_init_digest"]!.GetValue<string>().Should().HaveLength(64);
        File.Copy(Path.Combine(_folder.Path, "second", "prompt.npy"), start, overwrite: true);
        var act = () => Train(spec with { Epochs = 2 }, RunMode.Resume);
        act.Should().Throw<RunException>().WithMessage("*prompt_init_digest changed*");

        var older = JsonNode.Parse(File.ReadAllText(record))!; // a record of an earlier version has no digest
        older["inputs"]!.AsObject().Remove("prompt_init_digest");
        File.WriteAllText(record, older.ToJsonString());
        act.Should().NotThrow();
    }

    private AwesomeAssertions.Specialized.ExceptionAssertions<RunException> Refused(
        string length, string other, Func<RunSpec, RunSpec>? both = null, Func<RunSpec, RunSpec>? longer = null)
    {
        RunSpec With(string of) => both is null ? Spec("run", of) : both(Spec("run", of));
        Train(With(length)).Dispose();
        var before = File.ReadAllText(Path.Combine(With(length).Directory, "run.json"));
        var act = () => Train(longer is null ? With(other) : longer(With(other)), RunMode.Resume);
        var thrown = act.Should().Throw<RunException>();
        File.ReadAllText(Path.Combine(With(length).Directory, "run.json")).Should().Be(before, "nothing is touched");
        return thrown;
    }

    /// <summary>A run of 20 rows, five steps an epoch.</summary>
    private RunSpec Spec(string name, string length, int? every = null, string kind = "")
    {
        var spec = TinyRun.Spec(_folder, name) with
        {
            Data = Rows(kind),
            BatchSize = 4,
            PromptLength = 2,
            Dropout = 0.1,
            EvaluateEvery = every,
            KeepCheckpoint = kind is "full" or "weights",
            Test = kind == "test",
            Epochs = length.EndsWith('s') ? null : int.Parse(length, CultureInfo.InvariantCulture),
            MaxSteps = length.EndsWith('s') ? long.Parse(length[..^1], CultureInfo.InvariantCulture) : null,
        };
        return kind switch
        {
            "no validation" => spec with { ValidationFraction = 0 },
            "every 3 steps" => spec with { EvaluateEverySteps = 3 },
            "last" => spec with { Release = ReleasedState.Last },
            "warns" => spec with { LearningRate = 1e-8, Dropout = 0 },
            "full" => spec with { Method = TuningMethod.Full },
            "weights" => spec with { TrainWeights = "layer_norm" },
            _ => spec,
        };
    }

    private string Rows(string kind)
    {
        var data = _folder.File(kind == "no validation" ? "unvalidated" : "grown");
        if (Directory.Exists(data))
            return data;
        TinyFolder.WriteRows(_folder, Path.GetFileName(data), train: 20, validation: 12, test: 8);
        if (kind == "no validation")
            File.Delete(Path.Combine(data, "validation.jsonl"));
        return data;
    }

    private static CompletedRun Train(RunSpec spec, RunMode mode = RunMode.New) => TinyRun.Train(spec, mode);
}

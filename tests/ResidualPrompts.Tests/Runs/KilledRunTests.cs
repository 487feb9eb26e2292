using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs;

/// <summary>A run that is killed whenever it writes ends with the bytes that it would have had.</summary>
[Collection<Alone>]
public sealed class KilledRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_that_is_killed_at_any_operation_and_resumed_ends_with_the_same_bytes()
    {
        var spec = Spec("run");
        var whole = Spec("whole");
        Train(whole);
        KillPoints.Try(
            "train", step: 9,
            start: () => Empty(spec.Directory),
            work: continues => Train(spec, continues ? RunMode.Resume : RunMode.New),
            check: when => SameRun.Check(spec, whole, when));
    }

    [Fact]
    public void A_run_that_is_killed_after_it_has_scored_the_test_split_has_that_score_once()
    {
        RunSpec Scored(string name) => Spec(name) with { Data = TinyFolder.WriteRows(_folder, train: 8, validation: 4, test: 4), Test = true };
        var (spec, whole) = (Scored("run"), Scored("whole"));
        Train(whole);
        TinyRun.Events(whole.Directory, "evaluation").Last().GetProperty("split").GetString().Should().Be("test");
        File.ReadAllLines(Path.Combine(whole.Directory, "metrics.csv"))[^1].Should().StartWith("4,2,test,");
        KillPoints.Try(
            "train --test", step: 7,
            start: () => Empty(spec.Directory),
            work: continues => Train(spec, continues ? RunMode.Resume : RunMode.New),
            check: when => SameRun.Check(spec, whole, when));
    }

    [Fact]
    public void A_run_by_steps_that_is_killed_at_any_operation_and_resumed_ends_with_the_same_bytes()
    {
        RunSpec BySteps(string name) => Spec(name) with { Epochs = null, MaxSteps = 5, EvaluateEverySteps = 2, CheckpointEverySteps = 2 };
        var spec = BySteps("run");
        var whole = BySteps("whole");
        Train(whole);
        KillPoints.Try(
            "train --max-steps", step: 13,
            start: () => Empty(spec.Directory),
            work: continues => Train(spec, continues ? RunMode.Resume : RunMode.New),
            check: when => SameRun.Check(spec, whole, when));
    }

    [Fact]
    public void An_earlier_run_that_is_overwritten_and_killed_meanwhile_leaves_nothing()
    {
        var spec = Spec("run");
        var whole = Spec("whole");
        var earlier = Spec("earlier") with { PromptLength = 3 };
        Train(whole);
        Train(earlier);
        KillPoints.Try(
            "train --overwrite", step: 17,
            start: () =>
            {
                Restore(earlier.Directory, spec);
            },
            work: _ => Train(spec, RunMode.Overwrite),
            check: when => SameRun.Check(spec, whole, when));
    }

    [Theory]
    [InlineData(2)] // the settings of the new run
    [InlineData(3)] // others
    public void A_killed_overwriting_that_is_resumed_never_says_finished_without_the_files(int earlierLength)
    {
        var spec = Spec("run");
        var whole = Spec("whole");
        Train(whole);
        var kept = Trained(spec with { PromptLength = earlierLength });
        KillPoints.Try(
            $"train --overwrite of {earlierLength} rows, then --resume", step: 13,
            start: () => Restore(kept, spec),
            work: continues =>
            {
                try
                {
                    Train(spec, continues ? RunMode.Resume : RunMode.Overwrite);
                }
                catch (RunException e) when (continues && e.Message.Contains("was begun with other settings"))
                {
                    // Refused with a way on: the earlier run is still there, and may be overwritten.
                    e.Remedies.Should().Contain(new Remedy.Overwrite());
                    Train(spec, RunMode.Overwrite);
                }
            },
            check: when => SameRun.Check(spec, whole, when),
            between: when =>
            {
                if (File.Exists(Path.Combine(spec.Directory, "run.json")) && RunRecord.Read(new RunDirectory(spec.Directory)) is
                    { Status: RunStatus.Finished } record)
                    ReleasedFiles.Problem(new RunDirectory(spec.Directory), record).Should().BeNull(when);
                if (RunState.Read(new RunDirectory(spec.Directory)) is { Status: RunStatus.Finished })
                    RunRecord.Read(new RunDirectory(spec.Directory)).Status.Should().Be(RunStatus.Finished, when);
            });
    }

    [Fact]
    public void A_resumed_run_that_is_killed_at_any_operation_ends_with_the_same_bytes()
    {
        var spec = Spec("run");
        var whole = Spec("whole");
        Train(whole);
        using var stop = new CancellationTokenSource();
        TinyRun.TrainUntil(stop, spec,
            new RunObserver(OnEvent: happened => { if (happened is ResidualPrompts.Training.EpochCompleted) stop.Cancel(); }));
        var kept = Keep(spec);
        KillPoints.Try(
            "train --resume", step: 11, start: () => Restore(kept, spec), work: _ => Train(spec, RunMode.Resume),
            check: when => SameRun.Check(spec, whole, when));
    }

    [Fact]
    public void A_finished_run_that_lost_its_release_is_finished_again()
    {
        var spec = Spec("run");
        var whole = Spec("whole");
        Train(whole);
        var kept = Trained(spec);
        File.Delete(Path.Combine(kept, "prompt.npy"));
        File.WriteAllText(Path.Combine(kept, "adapter", "residual_prompt.json"), "{}");
        KillPoints.Try(
            "train --resume of a run without its release", step: 9, start: () => Restore(kept, spec), work: _ => Train(spec, RunMode.Resume),
            check: when => SameRun.Check(spec, whole, when));
    }

    [Theory]
    [InlineData("prompt.npy")]
    [InlineData("prompt_rows.safetensors")]
    [InlineData("adapter/adapter_model.safetensors")]
    [InlineData("adapter/adapter_config.json")]
    [InlineData("adapter/residual_prompt.json")]
    [InlineData("predictions/validation.jsonl")]
    [InlineData("events.jsonl", false)]
    [InlineData("metrics.csv", false)]
    public void Finished_is_checked_against_the_files(string file, bool isMadeAgain = true)
    {
        var spec = Spec("run");
        var kept = Trained(spec);
        var path = Path.Combine(spec.Directory, file);
        foreach (var damage in new[] { "missing", "cut", "changed" })
        {
            foreach (var hasCheckpoint in new[] { true, false })
            {
                Restore(kept, spec);
                var good = File.ReadAllBytes(path);
                if (damage == "missing")
                    File.Delete(path);
                else if (damage == "cut")
                    File.WriteAllBytes(path, file.EndsWith(".csv", StringComparison.Ordinal) && !hasCheckpoint ? [] : good[..^7]);
                else if (isMadeAgain)
                    File.WriteAllBytes(path, [.. good[..^9], (byte)(good[^9] ^ 1), .. good[^8..]]);
                else
                    continue; // a log holds times, so that nothing says what it must be
                if (!hasCheckpoint)
                    Directory.Delete(Path.Combine(spec.Directory, "checkpoint"), recursive: true);
                if (!isMadeAgain && damage == "cut" && !hasCheckpoint && file == "events.jsonl")
                    continue; // only the checkpoint says how long it was

                var resume = () => TrainingRun.Train(spec, RunMode.Resume, cancellationToken: TestContext.Current.CancellationToken);
                if (isMadeAgain && hasCheckpoint)
                {
                    resume().Notes.Should().ContainSingle(note => note.Contains(file), $"{file} {damage}");
                    File.ReadAllBytes(path).Should().Equal(good, $"{file} {damage}");
                    resume().Notes.Should().BeEmpty();
                }
                else
                {
                    resume.Should().Throw<RunException>().WithMessage($"*is not the finished run that run.json says it is: {file}*", damage)
                        .Which.Remedies.Should().Contain(new Remedy.Overwrite());
                    RunRecord.Read(new RunDirectory(spec.Directory)).Status.Should().Be(RunStatus.Finished); // nothing was touched
                }
            }
        }
    }

    [Fact]
    public void A_model_card_is_its_owners_to_edit()
    {
        var spec = Spec("run");
        Trained(spec);
        var card = Path.Combine(spec.Directory, "adapter", "README.md");
        File.AppendAllText(card, "my words\n");
        Train(spec, RunMode.Resume);
        File.ReadAllText(card).Should().EndWith("my words\n");
    }

    /// <summary>Trains a run and keeps a copy of its directory.</summary>
    [Fact]
    public void A_finished_run_is_rid_of_what_an_overwriting_left_that_was_killed_before_it_replaced_anything()
    {
        var spec = Spec("run");
        var kept = Trained(spec);
        foreach (var name in new[] { ".run.json.oyrbbq4e.4uk.tmp", Path.Combine("adapter", ".README.md.oyrbbq4e.4uk.tmp") })
            File.WriteAllText(Path.Combine(spec.Directory, name), "{");
        Train(spec, RunMode.Resume);
        SameRun.Names(spec).Should().Equal(SameRun.Names(spec with { SaveName = Path.GetFileName(kept) }));
    }

    private string Trained(RunSpec spec)
    {
        Train(spec);
        return Keep(spec);
    }

    private string Keep(RunSpec spec)
    {
        var kept = _folder.File("kept");
        TinyFolder.Copy(spec.Directory, kept);
        return kept;
    }

    private static void Restore(string kept, RunSpec spec)
    {
        Empty(spec.Directory);
        TinyFolder.Copy(kept, spec.Directory);
    }

    private RunSpec Spec(string name)
    {
        var (model, data) = (_folder.File("model"), _folder.File("rows.jsonl"));
        if (!Directory.Exists(model))
        {
            Directory.CreateDirectory(model);
            using (TorchSharp.torch.NewDisposeScope())
                ModelFolder.Write(model, TinyT5.Version11, TinyT5.Weights(TinyT5.Version11));
            _folder.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 12)
                .Select(i => $"{{\"input_ids\":[{4 + i},1],\"target_ids\":[{7 + (i % 2)},1]}}\n")));
        }

        return new RunSpec
        {
            Model = model,
            Data = data,
            ValidationFraction = 0.25,
            Epochs = 2,
            BatchSize = 4,
            PromptLength = 2,
            Reparameterization = Reparameterization.Mlp,
            BottleneckSize = 4,
            SaveDir = _folder.Path,
            SaveName = name,
        };
    }

    private static void Train(RunSpec spec, RunMode mode = RunMode.New) =>
        TrainingRun.Train(spec, mode, cancellationToken: TestContext.Current.CancellationToken);

    private static void Empty(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}

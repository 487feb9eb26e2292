using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs;

/// <summary>A run that is cut off, wherever, ends with the bytes of one that was left alone.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int EpochCount = 4;
    private const int StepCount = 10 * EpochCount;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>What a killed process leaves is what lies in the folder at that moment, beside a lock that nobody holds.</summary>
    [Theory]
    [InlineData("mlp", 12)]
    [InlineData("none", 4)]
    [InlineData("lstm", 4)]
    [InlineData("transformer", 4)]
    [InlineData("full", 4)]
    [InlineData("full umt5", 3)]
    [InlineData("prompt and weights", 4)]
    public void What_lies_in_the_folder_at_any_moment_is_enough_to_end_with_the_same_bytes(string kind, int momentCount)
    {
        var random = new Random(20261124);
        var moments = Enumerable.Range(0, momentCount).Select(_ => random.Next(1, StepCount + (2 * EpochCount))).ToHashSet();
        var (seen, left) = (0, new List<string>());
        TinyRun.Train(Spec(kind, "whole"), observer: new RunObserver(OnEvent: _ =>
        {
            if (!moments.Contains(++seen))
                return;
            left.Add($"left-{seen}");
            Leave(_folder.File("whole"), _folder.File(left[^1]));
        })).Notes.Should().BeEmpty();
        seen.Should().BeGreaterThanOrEqualTo(StepCount + (2 * EpochCount));
        left.Should().HaveSameCount(moments);
        TinyRun.Losses(_folder.File("whole")).Should().HaveCount(StepCount).And.OnlyHaveUniqueItems();
        foreach (var name in left)
        {
            File.Exists(_folder.File(name, "prompt.npy")).Should().BeFalse(); // it had not ended
            TinyRun.Train(Spec(kind, name), RunMode.Resume).Result.Steps.Should().BePositive();
            ShouldBeAsTheWhole(name);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7)]
    public void Killed_between_an_evaluation_in_mid_epoch_and_its_checkpoint_a_run_ends_with_the_same_bytes(int? checkpointEvery)
    {
        RunSpec BySteps(string name) => Spec("mlp", name) with
        {
            Epochs = null,
            MaxSteps = 25,
            EvaluateEverySteps = 7,
            CheckpointEverySteps = checkpointEvery,
        };
        var left = new List<string>();
        TinyRun.Train(BySteps("whole"), observer: new RunObserver(OnEvent: happened =>
        {
            if (happened is not EvaluationCompleted evaluation)
                return;
            left.Add($"left-{evaluation.Step}");
            Leave(_folder.File("whole"), _folder.File(left[^1]));
        })).Result.Steps.Should().Be(25);
        left.Should().Equal("left-7", "left-14", "left-21", "left-25");
        foreach (var name in left)
        {
            RunStart? start = null;
            TinyRun.Train(BySteps(name), RunMode.Resume, new RunObserver(OnStart: told => start = told)).Result.ReleasedStep.Should().BePositive();
            var step = long.Parse(name["left-".Length..], System.Globalization.CultureInfo.InvariantCulture);
            start!.CompletedSteps.Should().Be(step == 25 ? 25 : checkpointEvery is { } every ? step - every : step / 10 * 10);
            ShouldBeAsTheWhole(name);
            TinyRun.Events(_folder.File(name), "evaluation").Select(line => line.GetProperty("step").GetInt64()).Should().Equal(7, 14, 21, 25);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    [InlineData(StepCount - 1)]
    public void A_run_that_is_asked_to_stop_keeps_its_step_and_ends_with_the_same_bytes(int step)
    {
        TinyRun.Train(Spec("mlp", "whole"));
        using var stop = new CancellationTokenSource();
        var stopping = new RunObserver(OnEvent: trainingEvent =>
        {
            if (trainingEvent is StepCompleted completed && completed.Step == step)
                stop.Cancel();
        });
        TinyRun.TrainUntil(stop, Spec("mlp", "stopped"), stopping);
        TinyRun.Losses(_folder.File("stopped")).Should().HaveCount(step);
        RunStart? start = null;
        TinyRun.Train(Spec("mlp", "stopped"), RunMode.Resume, new RunObserver(OnStart: told => start = told)).Result.Steps.Should().BePositive();
        start!.CompletedSteps.Should().Be(step);
        ShouldBeAsTheWhole("stopped");
    }

    /// <summary>
    /// Also while the release is scored, when a model whose weights train no longer has the weights of the last step: the checkpoint has them.
    /// </summary>
    [Theory]
    [InlineData("full")]
    [InlineData("prompt and weights")]
    [InlineData("mlp")]
    public void A_run_that_is_asked_to_stop_at_any_operation_on_the_disk_keeps_its_trained_weights_and_ends_with_the_same_bytes(string kind)
    {
        var operations = new List<string>();
        var whole = On(new WatchedDisk((path, _) => operations.Add(path)), () => TinyRun.Train(Scored(kind, "whole")));
        whole.Result.ReleasedEpoch.Should().BeLessThan(whole.Result.Epochs, "the release must differ from the trained weights");
        var end = operations.FindLastIndex(path => path.EndsWith("state.safetensors", StringComparison.Ordinal)) + 1;
        var scored = operations.FindIndex(path => path.Contains("test.jsonl", StringComparison.Ordinal));
        var inRelease = 0;
        foreach (var at in Enumerable.Range(1, scored).Where(at => at == scored || (at >= end ? (at - end) % 4 == 0 : at % (end / 3) == 0)))
        {
            var name = $"stopped-{at}";
            using var stop = new CancellationTokenSource();
            var disk = new WatchedDisk((_, count) =>
            {
                if (count == at)
                    stop.Cancel();
            });
            On(disk, () => IsStopped(Scored(kind, name), stop.Token)).Should().BeTrue($"it was stopped at operation {at} of {scored}");
            var (kept, last) = (_folder.File(name, "checkpoint", "state.safetensors"), _folder.File("whole", "checkpoint", "state.safetensors"));
            if (File.Exists(_folder.File(name, "predictions", "validation.jsonl")))
            {
                inRelease++;
                Tensors(kept).Should().Equal(Tensors(last), $"stopped at operation {at}");
            }

            TinyRun.Train(Scored(kind, name), RunMode.Resume).Result.Steps.Should().Be(whole.Result.Steps);
            ShouldBeAsTheWhole(name);
            Tensors(kept).Should().Equal(Tensors(last), $"stopped at operation {at}");
        }

        inRelease.Should().BePositive("the test split is scored after the predictions of validation are written");
    }

    /// <summary>The content of a safetensors file after its header, which has the lengths of the logs; those count digits of durations.</summary>
    private static byte[] Tensors(string path)
    {
        var file = File.ReadAllBytes(path);
        return file[(sizeof(long) + (int)BitConverter.ToInt64(file))..];
    }

    private static bool IsStopped(RunSpec spec, CancellationToken stop)
    {
        try
        {
            using var completed = TrainingRun.Train(spec, cancellationToken: stop);
            return false;
        }
        catch (RunInterruptedException)
        {
            return true;
        }
    }

    private static T On<T>(DiskLayer disk, Func<T> work)
    {
        Disk.Use(disk);
        try
        {
            return work();
        }
        finally
        {
            Disk.Use(null);
        }
    }

    /// <summary>A run whose last epoch is not its best, with a test split.</summary>
    private RunSpec Scored(string kind, string name)
    {
        var spec = Spec(kind, name) with { Test = true, KeepCheckpoint = true, LearningRate = kind == "full" ? 0.1 : kind == "mlp" ? 0.3 : 0.01 };
        var test = Path.Combine(spec.Data!, "test.jsonl");
        if (!File.Exists(test))
            File.Copy(Path.Combine(spec.Data!, "validation.jsonl"), test);
        return spec;
    }

    /// <summary>Tells of each operation its path and its number, from 1.</summary>
    private sealed class WatchedDisk(Action<string, int> before) : DiskLayer
    {
        private int _count;

        internal override int Before(DiskOperation operation, string path, int byteCount)
        {
            before(path, ++_count);
            return byteCount;
        }
    }

    private RunSpec Spec(string kind, string name)
    {
        var spec = TinyRun.Spec(_folder, name) with { Epochs = EpochCount, BatchSize = 4, Dropout = 0.1 };
        return kind switch
        {
            "full" => spec with { Method = TuningMethod.Full },
            "full umt5" => spec with { Method = TuningMethod.Full, Model = TinyFolder.WriteModel(_folder, config: TinyT5.UMT5) },
            "prompt and weights" => spec with { TrainWeights = "layer_norm" },
            "none" => spec,
            "mlp" => spec with { Reparameterization = Reparameterization.Mlp, BottleneckSize = 8, NetworkDropout = 0.1 },
            "lstm" => spec with { Reparameterization = Reparameterization.Lstm },
            "transformer" => spec with { Reparameterization = Reparameterization.Transformer, FeedForwardSize = 16 },
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
    }

    private void ShouldBeAsTheWhole(string name)
    {
        var (run, whole) = (_folder.File(name), _folder.File("whole"));
        TinyRun.Losses(run).Should().Equal(TinyRun.Losses(whole));
        TinyFolder.Files(run).Should().BeEquivalentTo(TinyFolder.Files(whole));
        var released = TinyFolder.Files(whole).Where(file => file.StartsWith("predictions", StringComparison.Ordinal)
            || Path.GetExtension(file) is ".npy"
            || (Path.GetExtension(file) is ".safetensors" && !file.StartsWith("checkpoint", StringComparison.Ordinal))).ToList();
        released.Count.Should().BeGreaterThanOrEqualTo(2);
        foreach (var file in released)
            File.ReadAllBytes(Path.Combine(run, file)).Should().Equal(File.ReadAllBytes(Path.Combine(whole, file)), file);
    }

    private static void Leave(string run, string copy)
    {
        const string Lock = "run.lock";
        foreach (var file in TinyFolder.Files(run).Where(file => file != Lock))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
            using var source = new FileStream(Path.Combine(run, file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var target = File.Create(Path.Combine(copy, file));
            source.CopyTo(target);
        }

        ForeignLock.OfKilled(Path.Combine(copy, Lock));
    }
}

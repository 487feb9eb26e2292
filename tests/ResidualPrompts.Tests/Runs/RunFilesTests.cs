using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Prompts;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Runs;

public sealed class RunFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ResidualPrompts.Models.T5.T5Model _model = TinyT5.Create(TinyT5.Version10);

    private RunDirectory RunFolder => new(_folder.Path);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_log_is_cut_back_to_its_checkpoint()
    {
        var path = _folder.File("log");
        long length;
        using (var log = new AppendOnlyFile(path, 0))
        {
            log.AppendLine("one");
            log.Flush();
            length = log.Length;
            log.AppendLine("two");
            File.ReadAllText(path).Should().Be("one\ntwo\n"); // each line is there at once
        }

        using (var log = new AppendOnlyFile(path, length))
            log.AppendLine("three");
        File.ReadAllText(path).Should().Be("one\nthree\n");
        FluentActions.Invoking(() => new AppendOnlyFile(path, 1000)).Should().Throw<FileException>().WithMessage("*shorter*");
    }

    [Fact]
    public void A_checkpoint_gives_everything_back()
    {
        using var scope = NewDisposeScope();
        using var prompt = PromptKinds.Create("residual mlp");
        var trained = Parts(prompt);
        using var optimizer = Optimizer(prompt);
        prompt.Forward().sum().backward();
        optimizer.Step();
        using var state = new TrainingState
        {
            Step = 17,
            CompletedEpochs = 2,
            StepsInEpoch = 3,
            LossSum = 0.1 + 0.2,
            EvaluationsWithoutImprovement = 1,
            BestValue = 2.0 / 3,
            BestEpoch = 1,
            BestStep = 6,
            SettledStep = 16,
            StepsWithoutGradient = [0, 3, 1],
            Best = trained.Release(),
            IsPatienceExhausted = true,
            CollapsedEvaluations = 2,
            InvalidEvaluations = 1,
        };
        var path = _folder.File("state.safetensors");
        state.Raised.UnionWith([TrainingSymptom.InvalidAnswers, TrainingSymptom.ExplodingNorm]);
        ResumeCheckpoint.Save(path, Parts(prompt), optimizer, state, new ResumeCheckpoint.LogLengths(123, 45));

        using var other = PromptKinds.Create("residual mlp", seed: 5);
        using var restored = Optimizer(other);
        using var read = new TrainingState();
        ResumeCheckpoint.Load(path, Parts(other), restored, read, 7).Should().Be(new ResumeCheckpoint.LogLengths(123, 45));
        foreach (var (name, parameter) in prompt.Parameters)
            TensorAssert.Equal(other.Parameters[name], parameter, name);
        foreach (var (name, moment) in optimizer.State)
            TensorAssert.Equal(restored.State[name], moment, name);
        restored.StepCount.Should().Be(1);
        read.Should().BeEquivalentTo(state, compare => compare.Excluding(both => both.Best));
        read.Best!.Tensors.Keys.Should().BeEquivalentTo("prompt", "prompt/raw");
        TensorAssert.Equal(read.Best.Tensors["prompt"], state.Best.Tensors["prompt"]);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("mlp without norm")]
    [InlineData("mlp a row")]
    public void A_checkpoint_of_another_kind_of_prompt_is_refused(string kind)
    {
        using var prompt = PromptKinds.Create("residual mlp");
        using var optimizer = Optimizer(prompt);
        using var state = new TrainingState();
        var path = _folder.File("state.safetensors");
        using (var other = PromptKinds.Create(kind))
        using (var otherOptimizer = Optimizer(other))
            ResumeCheckpoint.Save(path, Parts(other), otherOptimizer, state, default);
        var act = () => ResumeCheckpoint.Load(path, Parts(prompt), optimizer, state, 7);
        act.Should().Throw<RunException>().WithMessage("*state.safetensors is damaged*").Which.Remedies.Should().Equal(new Remedy.Overwrite());
    }

    [Fact]
    public void A_truncated_checkpoint_is_refused()
    {
        using var prompt = PromptKinds.Create("plain");
        using var optimizer = Optimizer(prompt);
        using var state = new TrainingState();
        var path = _folder.File("state.safetensors");
        ResumeCheckpoint.Save(path, Parts(prompt), optimizer, state, default);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);
        var act = () => ResumeCheckpoint.Load(path, Parts(prompt), optimizer, state, 7);
        act.Should().Throw<RunException>().WithMessage("*damaged*");
    }

    [Fact]
    public void Leftovers_of_a_killed_process_are_removed_and_foreign_files_are_not()
    {
        RunFolder.Create();
        RunFolder.Prepare(0);
        _folder.Write("checkpoint/.state.safetensors.abc.tmp", "");
        _folder.Write(".run.json.abc.tmp", "");
        _folder.Write("my notes.txt", "");
        RunFolder.Prepare(0);
        RunFolder.Clear();
        Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Should().Equal("my notes.txt");
    }

    [Fact]
    public void A_disk_that_is_too_full_is_found_before_training()
    {
        var act = () => RunFolder.Prepare(long.MaxValue);
        act.Should().Throw<RunException>().WithMessage("*MB free*needs*");
        Directory.EnumerateFileSystemEntries(_folder.Path).Should().BeEmpty(); // so that the same command can be given again
    }

    [Theory]
    [InlineData("events.jsonl", true)]
    [InlineData("adapter/mine.txt", true)]
    [InlineData("checkpoint/.state.safetensors.abc.tmp", false)]
    [InlineData("run.lock", false)]
    [InlineData("my notes.txt", false)]
    public void Files_named_as_a_runs_need_a_record(string file, bool stands)
    {
        RunFolder.Prepare(0);
        _folder.Write(file, "");
        RunFolder.HoldsFilesWithoutRecord.Should().Be(stands);
        _folder.Write("run.json", "{}");
        RunFolder.HoldsFilesWithoutRecord.Should().BeFalse();
    }

    [Fact]
    public void A_record_that_cannot_be_read_is_not_taken_for_a_missing_one()
    {
        new RunRecord(RunStatus.Running, new RunSpec(), [], new RunProvenance(), null).Write(RunFolder);
        using (new FileStream(RunFolder.Record, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            FluentActions.Invoking(() => RunRecord.Read(RunFolder)).Should().Throw<RunException>().WithMessage("*run.json cannot be read: *");
        RunRecord.Read(RunFolder).Status.Should().Be(RunStatus.Running);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_named()
    {
        var file = _folder.Write("file", "");
        var act = () => new RunDirectory(Path.Combine(file, "run")).Create();
        act.Should().Throw<RunException>().WithMessage("*file/run' cannot be written*");
    }

    [Theory]
    [InlineData("[]", "it is not a JSON object")]
    [InlineData("{", "*line 1*")]
    [InlineData("{\"status\": \"lost\", \"spec\": {}}", "\"status\" is missing or none of running, interrupted, finished, failed")]
    [InlineData("{\"status\": 2, \"spec\": {}}", "\"status\" is missing or none of*")]
    [InlineData("{\"status\": \"finished\"}", "\"spec\" is missing or not an object")]
    [InlineData("{\"status\": \"finished\", \"spec\": {}, \"environment\": []}", "\"environment\" is missing or not an object")]
    public void A_damaged_record_says_what_is_wrong_with_it(string json, string problem)
    {
        _folder.Write("run.json", json);
        FluentActions.Invoking(() => RunRecord.Read(RunFolder)).Should().Throw<RunException>().WithMessage($"*run.json is damaged: {problem}.")
            .Which.Kind.Should().Be(ProblemKind.Damaged);
    }

    [Fact]
    public void A_record_that_cannot_be_read_is_not_called_damaged()
    {
        Directory.CreateDirectory(RunFolder.Path);
        File.WriteAllText(RunFolder.Record, "{}");
        using var held = new FileStream(RunFolder.Record, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var error = FluentActions.Invoking(() => RunRecord.Read(RunFolder)).Should().Throw<RunException>().Which;
        (error.Kind, error.Remedies.Count).Should().Be((ProblemKind.Inaccessible, 0));
    }

    private TrainedParts Parts(ResidualPrompts.Prompts.SoftPrompt prompt) => new(_model, prompt);

    private static OriginalAdamW Optimizer(ResidualPrompts.Prompts.SoftPrompt prompt) => new([new ParameterGroup(prompt.Parameters, 0.1)], 1e-5);
}

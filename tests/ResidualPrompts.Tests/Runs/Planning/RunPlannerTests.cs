using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs.Planning;

public sealed class RunPlannerTests : IDisposable
{
    private readonly TinyPrompts _tiny = new();

    public void Dispose() => _tiny.Dispose();

    [Theory]
    [InlineData(TuningMethod.Prompt, Reparameterization.None, null)]
    [InlineData(TuningMethod.Prompt, Reparameterization.Mlp, null)]
    [InlineData(TuningMethod.Prompt, Reparameterization.Lstm, null)]
    [InlineData(TuningMethod.Prompt, Reparameterization.None, "layer_norm")]
    [InlineData(TuningMethod.Full, Reparameterization.None, null)]
    public void What_is_planned_is_what_the_run_does(TuningMethod method, Reparameterization kind, string? weights)
    {
        var bottleneck = kind == Reparameterization.Mlp ? 12 : 800;
        var spec = Spec() with { Method = method, Reparameterization = kind, BottleneckSize = bottleneck, TrainWeights = weights };
        var plan = Plan(spec);
        Directory.Exists(spec.Directory).Should().BeFalse();
        TrainingPlan? said = null;
        var run = TinyRun.Train(spec, observer: new RunObserver(start => said = start.Plan));

        said.Should().BeEquivalentTo(plan, options => options.Excluding(one => one.Disk)); // sizes of the record differ by its clock at most
        said!.Disk!.Bytes.Should().BeCloseTo(plan.Disk!.Bytes, 64);
        run.Result.Steps.Should().Be(plan.Steps.Total).And.Be(8);
        run.Result.TrainedParameters.Should().Be(plan.TrainedParameters.Total);
        run.Validation.N.Should().Be(plan.Validation!.Rows).And.Be(12);
        TinyRun.Events(spec.Directory, "evaluation").Count().Should().Be(plan.Steps.Evaluations).And.Be(2);
        CheckFiles(spec, plan);
    }

    [Fact]
    public void Rows_are_counted_by_class_and_told_where_they_came_from()
    {
        var halved = Plan(Spec() with { TestFromValidation = true, ValidationPerClass = null, Test = true });
        (halved.Train.Rows, halved.Train.SourceRows, halved.Train.Origin).Should().Be((16, 8000, SplitOriginKind.Own));
        halved.Train.Classes.Should().Equal(new Dictionary<string, int> { ["review"] = 8, ["story"] = 8 });
        (halved.Validation!.Rows, halved.Validation.SourceRows, halved.Validation.Origin).Should().Be((500, 1000, SplitOriginKind.Half));
        (halved.Test!.Rows, halved.Test.Origin, halved.Test.Source).Should().Be((500, SplitOriginKind.Half, DataSplit.Validation));
        halved.Test.Texts.Should().NotBeNull();

        var heldOut = Plan(Spec() with { ValidationFromTrain = true, ValidationPerClass = null, FewShot = null, ValidationFraction = 0.25 });
        (heldOut.Train.Rows, heldOut.Validation!.Rows, heldOut.Validation.Origin).Should().Be((6000, 2000, SplitOriginKind.HeldOut));
        (heldOut.Validation.Source, heldOut.Validation.SourceRows).Should().Be((DataSplit.Train, 8000));
        (heldOut.Test!.Rows, heldOut.Test.Source).Should().Be((1000, DataSplit.Validation));
        heldOut.Test.Texts.Should().BeNull("the test rows are not scored");
        heldOut.Test.Files.Select(Path.GetFileName).Should().Equal("validation.jsonl");
    }

    [Fact]
    public void Cut_texts_and_unknown_pieces_are_counted_and_an_example_is_shown()
    {
        using var folder = new TemporaryFolder();
        var data = folder.File("rows");
        Directory.CreateDirectory(data);
        File.WriteAllLines(Path.Combine(data, "train.jsonl"),
        [
            """{"text":"one two three four five six seven eight nine ten","label":0}""",
            """{"text":"a 中 b","label":1}""",
            """{"text":"x","label":1}""",
        ]);
        var spec = Spec() with
        {
            Task = null,
            Data = data,
            Template = "say: {text}",
            LabelWords = "0=no,1=yes",
            FewShot = null,
            ValidationPerClass = null,
            ValidationFraction = 0,
            MaxInputLength = 11,
        };
        var plan = Plan(spec);
        plan.Validation.Should().BeNull();
        plan.Test.Should().BeNull();
        plan.Steps.Evaluations.Should().Be(0);
        (plan.Train.Texts!.Cut, plan.Train.Texts.CutShare, plan.Train.Texts.UnknownPieces, plan.Train.Texts.LongestTokens)
            .Should().Be((1, 1.0 / 3, 1L, 8));
        (plan.Example.Index, plan.Example.Target, plan.Example.InputIds.Length).Should().Be((0, "no", 8));
        plan.Example.Text.Should().Be("say: one two three four five six seven eight nine ten");
        plan.Answers!.Select(answer => answer.Answer).Should().Equal("no", "yes");
        var run = TinyRun.Train(spec);
        run.Notes.Should().Contain("1 of 3 training texts were cut to 8 tokens.");
        CheckFiles(spec, plan);
    }

    [Fact]
    public void A_run_that_generates_and_scores_a_test_split_writes_what_was_planned()
    {
        var spec = Spec() with { Test = true, TestFromValidation = true, Evaluation = EvaluationMode.Generate };
        var plan = Plan(spec);
        var run = TinyRun.Train(spec);
        plan.ScoresTest.Should().BeTrue();
        run.Test!.N.Should().Be(plan.Test!.Rows);
        CheckFiles(spec, plan);
    }

    [Fact]
    public void An_estimate_measures_steps_and_changes_no_later_run()
    {
        var spec = Spec() with { Test = true, TestFromValidation = true };
        TinyRun.Train(spec with { SaveName = "before" });
        var plan = RunPlanner.Plan(spec, cancellationToken: TestContext.Current.CancellationToken);
        var estimate = plan.Estimate!;
        estimate.MeasuredSteps.Should().BeGreaterThanOrEqualTo(4);
        new[] { estimate.StepSeconds, estimate.EvaluationSeconds, estimate.TestSeconds, estimate.SavingSeconds }
            .Should().OnlyContain(part => part > 0);
        estimate.Seconds.Should().BeGreaterThan(
            (plan.Steps.Total * estimate.StepSeconds) + (3 * estimate.EvaluationSeconds) + estimate.TestSeconds - 1e-9);
        estimate.PeakMemoryBytes.Should().BeGreaterThan(20 << 20);
        Directory.EnumerateFileSystemEntries(spec.SaveDir).Select(Path.GetFileName).Should().Equal("before");
        TinyRun.Train(spec);
        PromptOf(spec).Should().Equal(PromptOf(spec with { SaveName = "before" }));
    }

    [Fact]
    public void A_run_tells_its_estimate_once_after_its_first_steps_and_ends_with_the_same_bytes()
    {
        var spec = Spec() with { Epochs = 16 };
        var told = new List<PlanEstimate>();
        TinyRun.Train(spec, observer: new RunObserver { OnEstimate = told.Add });
        told.Should().ContainSingle().Which.MeasuredSteps.Should().BeInRange(4, 20);
        TinyRun.Train(spec with { SaveName = "unseen" });
        PromptOf(spec).Should().Equal(PromptOf(spec with { SaveName = "unseen" }));
    }

    [Fact]
    public void What_the_run_refuses_is_refused_with_the_same_words()
    {
        var spec = Spec();
        foreach (var wrong in new[]
        {
            spec with { BatchSize = 0 }, spec with { Task = "nothere" }, spec with { Model = "nothere" }, spec with { Data = "/nothere" },
            spec with { TestFromValidation = true, ValidationPerClass = null, PromptInit = "file:/nothere" },
        })
        {
            var ofPlan = FluentActions.Invoking(() => Plan(wrong)).Should().Throw<InputException>().Which;
            var ofRun = FluentActions.Invoking(() => TinyRun.Train(wrong)).Should().Throw<InputException>().Which;
            (ofPlan.Message, ofPlan.GetType()).Should().Be((ofRun.Message, ofRun.GetType()));
        }

        TinyRun.Train(spec);
        FluentActions.Invoking(() => Plan(spec)).Should().Throw<RunException>().Which.Kind.Should().Be(ProblemKind.Conflict);
        RunPlanner.Plan(spec, RunMode.Overwrite, measures: false, TestContext.Current.CancellationToken).Steps.Total.Should().Be(8);
    }

    private static byte[] PromptOf(RunSpec spec) => File.ReadAllBytes(Path.Combine(spec.Directory, "prompt.npy"));

    private static TrainingPlan Plan(RunSpec spec) =>
        RunPlanner.Plan(spec, measures: false, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Every file that the run wrote was planned, numbers with their exact size and texts with a size that is not too small.</summary>
    private static void CheckFiles(RunSpec spec, TrainingPlan plan)
    {
        var planned = plan.Disk!.Files.ToDictionary(file => file.Name);
        TinyFolder.Files(spec.Directory).Should().BeEquivalentTo(planned.Keys);
        foreach (var (name, file) in planned)
        {
            var bytes = new FileInfo(Path.Combine(spec.Directory, name)).Length;
            if (file.IsExact)
                bytes.Should().Be(file.Bytes, name);
            else
                bytes.Should().BeInRange(file.Bytes / 8, file.Bytes, name);
        }
    }

    private RunSpec Spec() => new()
    {
        Task = "subj",
        Model = _tiny.Model,
        FewShot = 8,
        ValidationPerClass = 6,
        Epochs = 2,
        BatchSize = 4,
        PromptLength = 3,
        SaveDir = Directory.CreateDirectory(Path.Combine(_tiny.Root, "runs")).FullName,
        SaveName = "run",
    };
}

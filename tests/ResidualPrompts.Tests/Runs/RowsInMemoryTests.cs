using ResidualPrompts.Data;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs;

/// <summary>A task and rows of a program train without a file.</summary>
public sealed class RowsInMemoryTests(TextModel model) : IClassFixture<TextModel>, IDisposable
{
    private static readonly Example[] Rows = TextModel.Rows(24);
    private readonly TemporaryFolder _folder = new();

    private RunSpec Written => model.Spec with { SaveDir = _folder.Path, SaveName = "run" };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_without_a_name_writes_nothing_and_one_with_a_name_gives_the_same_prompt()
    {
        var before = Directory.GetCurrentDirectory();
        using var inMemory = TrainingRun.Train(model.Spec with { SaveDir = _folder.Path }, model.Task, Rows,
            cancellationToken: TestContext.Current.CancellationToken);
        _folder.FileNames().Should().BeEmpty();
        Directory.GetDirectories(_folder.Path).Should().BeEmpty();
        Directory.Exists(Path.Combine(before, "runs")).Should().BeFalse();
        inMemory.IsInMemory.Should().BeTrue();
        FluentActions.Invoking(() => inMemory.Directory).Should().Throw<InvalidOperationException>().WithMessage("*in memory*save_name*");

        using var written = TrainingRun.Train(Written, model.Task, Rows, cancellationToken: TestContext.Current.CancellationToken);
        written.IsInMemory.Should().BeFalse();
        written.Validation.Metrics.Should().Equal(inMemory.Validation.Metrics);
        written.Validation.N.Should().Be(2, "a tenth of each class");
        var (first, second, third) = (Predicted(TrainedRun.Open(inMemory)), Predicted(TrainedRun.Open(written)),
            Predicted(TrainedRun.Open(_folder.File("run"))));
        second.Should().Equal(first);
        third.Should().Equal(first);
    }

    [Fact]
    public void Rows_of_each_split_are_what_they_are_given_as()
    {
        var rows = new Dictionary<DataSplit, IReadOnlyList<Example>>
        {
            [DataSplit.Train] = Rows,
            [DataSplit.Validation] = TextModel.Rows(6, from: 100),
            [DataSplit.Test] = TextModel.Rows(10, from: 200)
        };
        using var run = TrainingRun.Train(model.Spec with { Test = true }, model.Task, rows,
            cancellationToken: TestContext.Current.CancellationToken);
        run.Validation.N.Should().Be(6);
        run.Test!.N.Should().Be(10);
        run.Validation["accuracy"].Should().Be(run.Result.Validation!.Metrics["accuracy"]);
        FluentActions.Invoking(() => run.Validation["bleu"]).Should().Throw<KeyNotFoundException>().WithMessage("*'bleu'*accuracy, f1_macro*");
    }

    [Fact]
    public void Its_numbers_are_those_of_the_same_rows_in_a_file()
    {
        var file = _folder.Write("rows.jsonl", string.Concat(Rows.Select(row => row + "\n")));
        using var run = TrainingRun.Train(model.Spec, model.Task, Rows, cancellationToken: TestContext.Current.CancellationToken);
        var ofFile = TrainingRun.Train(Written with { Data = file, Template = "film: {text}", LabelWords = "0=bad,1=good" },
            cancellationToken: TestContext.Current.CancellationToken);
        ofFile.Validation.Metrics.Should().Equal(run.Validation.Metrics);
        Predicted(TrainedRun.Open(ofFile)).Should().Equal(Predicted(TrainedRun.Open(run)));
    }

    [Fact]
    public void It_asks_for_data_when_it_is_evaluated()
    {
        using var run = TrainingRun.Train(Written, model.Task, Rows, cancellationToken: TestContext.Current.CancellationToken);
        using var trained = TrainedRun.Open(_folder.File("run"));
        FluentActions.Invoking(() => trained.Evaluate(DataSplit.Validation)).Should().Throw<InputException>()
            .WithMessage("*rows in memory*give data or rows*");
        FluentActions.Invoking(() => trained.Evaluate(DataSplit.Validation, null, null)).Should().Throw<InputException>()
            .WithMessage("*rows in memory*");
        trained.Evaluate(TextModel.Rows(8)).N.Should().Be(8);
        trained.Evaluate(DataSplit.Validation, null, _folder.Write("more.jsonl", string.Concat(TextModel.Rows(5).Select(row => row + "\n"))))
            .N.Should().Be(5);
    }

    [Fact]
    public void The_record_holds_a_digest_of_the_rows_and_a_run_is_resumed_with_the_same_ones_or_not_at_all()
    {
        using var stop = new CancellationTokenSource();
        var train = (Example[] rows, RunMode mode, CancellationToken token) =>
            TrainingRun.Train(Written, model.Task, rows, mode,
                new RunObserver(OnEvent: happened => { if (happened is StepCompleted) stop.Cancel(); }), token);
        var interrupted = FluentActions.Invoking(() => train(Rows, RunMode.New, stop.Token)).Should().Throw<RunInterruptedException>().Which;
        interrupted.Directory!.Path.Should().Be(_folder.File("run"));
        var inputs = RunRecord.Read(interrupted.Directory).Inputs;
        inputs.RowsDigest.Should().HaveLength(64);
        inputs.DataDigests.Should().BeEmpty();
        FluentActions.Invoking(() => train(TextModel.Rows(24, from: 2), RunMode.Resume, CancellationToken.None)).Should().Throw<RunException>()
            .WithMessage("The train and validation rows of*");
        using var resumed = train(Rows, RunMode.Resume, CancellationToken.None);
        using var whole = TrainingRun.Train(model.Spec, model.Task, Rows, cancellationToken: TestContext.Current.CancellationToken);
        Predicted(TrainedRun.Open(resumed)).Should().Equal(Predicted(TrainedRun.Open(whole)));
        RunSummary.Read(_folder.File("run")).Task!.Template!.ToString().Should().Be("film: {text}");
    }

    [Fact]
    public void A_task_that_code_makes_is_asked_for_when_the_run_is_opened_from_its_directory()
    {
        var task = model.Task with { Template = null, Text = row => $"film: {row.Text("text")}" };
        using var run = TrainingRun.Train(Written, task, Rows, cancellationToken: TestContext.Current.CancellationToken);
        Predicted(TrainedRun.Open(run)).Should().Equal(Predicted(TrainedRun.Open(_folder.File("run"), task: task)));
        FluentActions.Invoking(() => Predicted(TrainedRun.Open(_folder.File("run")))).Should().Throw<RunException>()
            .WithMessage("*made by code*give the same task*");
        RunSummary.Read(_folder.File("run")).Task.Should().BeNull();
    }

    [Fact]
    public void A_tuned_model_in_memory_predicts_too_until_the_run_is_disposed()
    {
        var run = TrainingRun.Train(model.Spec with { Method = TuningMethod.Full, Epochs = 1 }, model.Task, Rows,
            cancellationToken: TestContext.Current.CancellationToken);
        using var ofFile = TrainingRun.Train(Written with { Method = TuningMethod.Full, Epochs = 1 }, model.Task, Rows,
            cancellationToken: TestContext.Current.CancellationToken);
        var (inMemory, written) = (Scores(TrainedRun.Open(run)), Scores(TrainedRun.Open(ofFile)));
        inMemory.Zip(written).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-4); // its weights are not prepared for speed
        run.Dispose();
        FluentActions.Invoking(() => TrainedRun.Open(run)).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Settings_of_task_and_data_beside_rows_are_refused_and_so_are_no_rows()
    {
        FluentActions.Invoking(() => TrainingRun.Train(model.Spec with { Task = "subj" }, model.Task, Rows)).Should().Throw<RunSpecException>()
            .WithMessage("*subj*a given task and rows*");
        FluentActions.Invoking(() => TrainingRun.Train(model.Spec with { Epochs = 0 }, model.Task, Rows)).Should().Throw<RunSpecException>()
            .WithMessage("*epochs is 0*");
        FluentActions.Invoking(() => TrainingRun.Train(model.Spec, model.Task, (Example[])[])).Should().Throw<DataException>()
            .WithMessage("The train split holds no rows.");
    }

    [Fact]
    public void Without_validation_rows_there_is_no_validation_result()
    {
        using var run = TrainingRun.Train(model.Spec with { ValidationFraction = 0, Epochs = 1 }, model.Task, Rows,
            cancellationToken: TestContext.Current.CancellationToken);
        run.Result.Validation.Should().BeNull();
        FluentActions.Invoking(() => run.Validation).Should().Throw<RunException>().WithMessage("*no validation result*");
    }

    [Fact]
    public void A_row_is_rendered_once_in_training_and_once_in_all_its_evaluations()
    {
        var rendered = new Dictionary<string, int>();
        var task = model.Task with
        {
            Template = null,
            Text = row =>
            {
                rendered[row.Text("text")] = rendered.GetValueOrDefault(row.Text("text")) + 1;
                return row.Text("text");
            },
        };
        using var run = TrainingRun.Train(model.Spec with { Epochs = 3 }, task, Rows, cancellationToken: TestContext.Current.CancellationToken);
        rendered.Should().HaveCount(Rows.Length).And.OnlyContain(pair => pair.Value == 1);
    }

    private static List<string> Predicted(TrainedRun run)
    {
        using (run)
            return [.. run.Predict(TextModel.Rows(9, from: 50))
                .Select(prediction => $"{prediction.Predicted} {string.Join(' ', prediction.Scores!)}")];
    }

    private static List<double> Scores(TrainedRun run)
    {
        using (run)
            return [.. run.Predict(TextModel.Rows(9, from: 50)).SelectMany(prediction => prediction.Scores!)];
    }
}

using System.Text.Json;
using ResidualPrompts.Cli.Comparison;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Studies;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;
using Spectre.Console;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Two learning rates with two seeds each, trained once: four runs in two groups.</summary>
public sealed class ComparedRuns : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ComparedRuns()
    {
        var (model, data) = (TinyFolder.WriteModel(_folder), TinyFolder.WriteRows(_folder));
        foreach (var (rate, seed) in new[] { (0.1, 3), (0.1, 10), (0.5, 3), (0.5, 10) })
        {
            TinyRun.Train(new RunSpec
            {
                Model = model,
                Data = data,
                Epochs = 2,
                BatchSize = 2,
                LearningRate = rate,
                Seed = seed,
                SaveDir = _folder.File(Name(rate)),
                SaveName = $"seed-{seed}",
            });
        }
    }

    internal string Low => _folder.File(Name(0.1));

    internal string High => _folder.File(Name(0.5));

    internal string File(string name) => _folder.File(name);

    public void Dispose() => _folder.Dispose();

    private static string Name(double rate) => rate < 0.2 ? "low" : "high";
}

public sealed class ComparisonTests(ComparedRuns runs) : IClassFixture<ComparedRuns>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_seeds_train_one_after_another()
    {
        using var folder = new TemporaryFolder();
        string[] options = ["train", "--model", TinyFolder.WriteModel(folder), "--data", TinyFolder.WriteRows(folder), "--save-dir", folder.Path,
            "--save-name", "seeds", "--epochs", "1"];
        var trained = await InProcess.Run([.. options, "--seeds", "3,5"]);
        trained.ExitCode.Should().Be(0, trained.Error);
        trained.Output.Should().MatchRegex(@"validation +accuracy \d+\.\d % ± \d+\.\d over 2 seeds");
        (await InProcess.Run([.. options, "--seeds", "1,1"])).ShouldBeRefused("*--seeds is 1,1*");
    }

    [Fact]
    public async Task A_row_holds_the_runs_that_differ_in_their_seeds_alone_whatever_their_folders()
    {
        string[] scattered = [Seed(runs.Low, 3), Seed(runs.High, 3), Seed(runs.High, 10), Seed(runs.Low, 10)];
        foreach (var paths in new string[][] { [runs.Low, runs.High], scattered, [runs.Low, runs.High, scattered[0]] })
        {
            var rows = Rows(await InProcess.Run(["compare", .. paths, "--markdown"]));
            rows.Should().HaveCount(3);
            rows[0].Should().StartWith(["run", "settings", "n", "validation accuracy"]);
            rows.Skip(1).Select(row => string.Join(' ', row[..3])).Should().BeEquivalentTo("low learning_rate 0.1 2", "high learning_rate 0.5 2");
            rows.Skip(1).Should().OnlyContain(row => row[3].Contains(" ± "));
        }
    }

    [Fact]
    public async Task Rows_are_sorted_by_the_validation_metric_best_first()
    {
        var rows = Rows(await InProcess.Run("compare", runs.Low, runs.High, "--group-by", "run", "--markdown"));
        rows.Should().HaveCount(5);
        rows.Skip(1).Select(row => double.Parse(row[^3].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture))
            .Should().BeInDescendingOrder();
        rows.Skip(1).Select(row => row[0]).Should().BeEquivalentTo("low/seed-3", "low/seed-10", "high/seed-3", "high/seed-10");
    }

    [Fact]
    public async Task The_best_value_by_validation_is_chosen_and_never_by_the_test_split()
    {
        var means = new[] { runs.Low, runs.High }.Select(path => RunFolders.Read([path]).Average(run => run.Result!.Validation!["accuracy"]!.Value))
            .ToArray();
        var rows = Rows(await InProcess.Run("compare", runs.Low, runs.High, "--choose", "learning-rate", "--by", "validation", "--markdown"));
        rows.Should().HaveCount(2);
        rows[1][1].Should().Be(means[1] > means[0] ? "learning_rate 0.5" : "learning_rate 0.1");
        (await InProcess.Run("compare", runs.Low, "--choose", "learning_rate", "--by", "test")).ShouldBeRefused("*--by is test*validation*");
        (await InProcess.Run("compare", runs.Low, "--choose", "learning_rate", "--by", "validation:f2")).ShouldBeRefused("*no validation f2*");
        (await InProcess.Run("compare", runs.Low, "--choose", "learnin_rate")).ShouldBeRefused("*Did you mean learning_rate?*");
        (await InProcess.Run("compare", runs.Low, "--by", "validation")).ShouldBeRefused("*--by needs --choose*");
    }

    [Fact]
    public async Task A_group_pools_all_settings_that_are_not_named()
    {
        var rows = Rows(await InProcess.Run("compare", runs.Low, runs.High, "--group-by", "batch_size", "--markdown"));
        rows.Should().HaveCount(2);
        rows[1][1..3].Should().Equal("batch_size 2", "4");
    }

    [Fact]
    public async Task Json_and_csv_hold_all_settings_and_metrics_even_of_a_single_run()
    {
        string[] keys = [.. RunSpecProperty.All.Select(setting => setting.Key)];
        var json = JsonDocument.Parse((await InProcess.Run("compare", Seed(runs.Low, 3), "--json")).Output).RootElement;
        json.GetProperty("settings").EnumerateObject().Select(setting => setting.Name).Should().Equal(keys);
        json.GetProperty("settings").GetProperty("seed").GetInt64().Should().Be(3);
        var accuracy = json.GetProperty("result").GetProperty("validation").GetProperty("metrics").GetProperty("accuracy").GetDouble();
        var one = (await InProcess.Run("compare", Seed(runs.Low, 3), "--csv")).Lines;
        var all = (await InProcess.Run("compare", runs.Low, runs.High, "--csv")).Lines;
        one.Should().HaveCount(2);
        all.Should().HaveCount(5).And.HaveElementAt(0, one[0], "the columns do not depend on what the runs have in common");
        string[] header = one[0].Split(',');
        header.Should().ContainInConsecutiveOrder(keys).And.Contain("validation_accuracy").And.OnlyHaveUniqueItems();
        double.Parse(one[1].Split(',')[Array.IndexOf(header, "validation_accuracy")], System.Globalization.CultureInfo.InvariantCulture)
            .Should().Be(accuracy);
        (await InProcess.Run("compare", runs.Low, "--csv", "--json")).ShouldBeRefused("*exclude each other*");
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public void A_table_fits_its_width_and_breaks_no_number(int width)
    {
        var groups = RunGroup.Of(RunFolders.Read([runs.Low, runs.High]));
        var table = new ComparisonTable(groups, ["learning_rate", "reparameterization", "batch_size"]);
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        console.Write(table.Fitting(width));
        text.ToString().Split('\n').Should().OnlyContain(line => line.TrimEnd().Length <= width);
        foreach (var group in groups)
            text.ToString().Should().Contain(MetricText.MeanAndDeviation(group.Metric(result => result.Validation, "accuracy")!));
        table.LeftOut.Contains("seconds").Should().Be(width == 60);
    }

    [Fact]
    public void Runs_of_other_data_are_never_pooled()
    {
        using var folder = new TemporaryFolder();
        var model = TinyFolder.WriteModel(folder);
        foreach (var seed in new[] { 1, 2 })
        {
            var data = TinyFolder.WriteRows(folder, train: 40 + seed);
            TinyRun.Train(new RunSpec
            {
                Model = model,
                Data = data,
                Epochs = 1,
                Seed = seed,
                SaveDir = folder.File("pair"),
                SaveName = $"seed-{seed}",
            });
        }

        RunGroup.Of(RunFolders.Read([folder.File("pair")])).Should().HaveCount(2, "the settings are equal, but the files of the data are not");
    }

    [Fact]
    public async Task Curves_show_loss_and_metric_with_bands_over_seeds()
    {
        foreach (var name in new[] { "curves.svg", "curves.png" })
            (await InProcess.Run("compare", runs.Low, runs.High, "--curves", runs.File(name))).ExitCode.Should().Be(0);
        (await File.ReadAllTextAsync(runs.File("curves.svg"), Stop)).Should().Contain("<svg")
            .And.Contain("width=\"1400\"", "two panels side by side");
        (await File.ReadAllBytesAsync(runs.File("curves.png"), Stop)).Should().StartWith(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' });
        (await InProcess.Run("compare", runs.Low, "--curves", runs.File("loss.gif"))).ShouldBeRefused("*loss.gif*.svg or .png*");
        (await InProcess.Run("compare", runs.Low, "--curves", Path.Combine(runs.File("nowhere"), "loss.svg")))
            .ShouldBeRefused("*nowhere*cannot be written*");
    }

    [Fact]
    public void A_smoothed_curve_begins_with_a_full_window()
    {
        TrainingEvent[] events = [.. new[] { 9.0, 1, 2, 3, 4 }.Select((loss, i) => new StepCompleted(i + 1, 1, loss, 0, 1, 1, 0))];
        TrainingCurves.LossOf(events, 3).Should().Equal((3, 4), (4, 2), (5, 3));
        TrainingCurves.LossOf(events, 1).Should().HaveCount(5);
        TrainingCurves.WindowOf([1000, 40]).Should().Be(10);
        TrainingCurves.WindowOf([1000]).Should().Be(25);
        TrainingCurves.WindowOf([2]).Should().Be(1);
    }

    [Fact]
    public void A_mean_curve_has_the_steps_that_all_seeds_have_and_their_deviation()
    {
        var curve = TrainingCurves.MeanCurve([[(1, 2), (2, 4), (3, 1)], [(1, 4), (2, 4)]]);
        curve.Should().Equal((1, 3, Math.Sqrt(2)), (2, 4, 0));
    }

    [Fact]
    public async Task A_folder_without_runs_is_refused() =>
        (await InProcess.Run("compare", Path.GetDirectoryName(runs.Low)!)).ShouldBeRefused("*is not a run directory*");

    private static string Seed(string study, int seed) => Path.Combine(study, $"seed-{seed}");

    private static string[][] Rows(ProgramResult result)
    {
        result.ExitCode.Should().Be(0, result.Error);
        return [.. result.Lines.Where(line => !line.StartsWith("| ---", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..^1])];
    }
}

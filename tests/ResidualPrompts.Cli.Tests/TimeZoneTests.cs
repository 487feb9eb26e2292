using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Times in data are what the file says, wherever the machine stands; .NET reads TZ once, so each zone has a process of its own.</summary>
public sealed class TimeZoneTests
{
    [Fact]
    public async Task The_time_zone_of_the_machine_changes_nothing()
    {
        using var prompts = new TinyPrompts();
        using var folder = new TemporaryFolder();
        var rows = Directory.CreateDirectory(folder.File("rows")).FullName;
        await File.WriteAllLinesAsync(Path.Combine(rows, "train.jsonl"), Enumerable.Range(0, 8).Select(i =>
            $$"""{"stamp_us":"a {{i}}","stamp_ns_utc":"b","int96":"c","time_us":"d","date":"e","label":"{{i % 2}}"}"""),
            TestContext.Current.CancellationToken);
        TinyRun.Train(new RunSpec
        {
            Model = prompts.Model,
            Data = rows,
            Template = "{stamp_us} {stamp_ns_utc} {int96} {time_us} {date}",
            LabelWords = LabelWords.Of(("0", "no"), ("1", "yes")),
            Epochs = 1,
            PromptLength = 2,
            SaveDir = folder.Path,
            SaveName = "run",
        });
        var times = Path.Combine(AppContext.BaseDirectory, "times.parquet");
        var found = new List<(string Checked, string Printed, string Written, byte[] Parquet)>();
        foreach (var zone in new[] { "UTC", "America/New_York", "Asia/Kolkata" })
        {
            var program = Program.Process.With("TZ", zone);
            async Task<string> Output(params string[] command) => (await program.Run(command)).ShouldSucceed().Output;
            string[] predict = ["predict", folder.File("run"), "--input", times, "--on-error", "skip"];
            var (csv, parquet) = (folder.File("out.csv"), folder.File("out.parquet"));
            var both = (await Output("data", "check", times), await Output(predict));
            await Output([.. predict, "--output", csv, "--overwrite"]);
            await Output([.. predict, "--output", parquet, "--overwrite"]);
            found.Add((both.Item1, both.Item2, await File.ReadAllTextAsync(csv, TestContext.Current.CancellationToken),
                await File.ReadAllBytesAsync(parquet, TestContext.Current.CancellationToken)));
        }

        found[0].Printed.Should().Contain("\"stamp_us\":\"2024-03-01T10:00:00\"").And.Contain("\"stamp_ns_utc\":\"2024-03-01T10:00:00Z\"")
            .And.Contain("\"stamp_ns\":\"1969-12-31T23:59:59.999999999\"").And.Contain("\"date\":\"2024-03-01\"");
        found[0].Checked.Should().Contain("stamp_us");
        found[0].Written.Should().Contain("2024-03-01T10:00:00");
        foreach (var other in found.Skip(1))
        {
            (other.Checked, other.Printed, other.Written).Should().Be((found[0].Checked, found[0].Printed, found[0].Written));
            other.Parquet.Should().Equal(found[0].Parquet);
        }
    }
}

using System.Text.Json;
using ResidualPrompts.Cli.Measuring.Calibrating;
using ResidualPrompts.Compute;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary><c>bench compute</c> and <c>bench profile</c>.</summary>
public sealed class ComputeBenchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_operation_is_measured_each_way_and_a_saved_choice_is_in_force_afterwards()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, ComputingKernels.Reason);
        var process = Program.Process.With("XDG_CACHE_HOME", _folder.File("cache")).With("RESIDUAL_PROMPTS_CACHE", "");
        var result = await process.Run("bench", "compute", "--rounds", "3", "--save", "--json", _folder.File("a.json"));
        result.ExitCode.Should().Be(0, result.Error);
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("a.json"), TestContext.Current.CancellationToken));
        var operations = json.RootElement.GetProperty("operations").EnumerateArray().ToList();
        operations.Select(operation => operation.GetProperty("operation").GetString()).Should().Equal(OperationNames.All.Values);
        foreach (var operation in operations)
        {
            foreach (var way in new[] { "libtorch", "managed" })
            {
                operation.GetProperty($"milliseconds_{way}").EnumerateArray().Select(value => value.GetDouble())
                    .Should().HaveCount(ComputeMeasurement.Shapes.Count).And.OnlyContain(value => value > 0);
            }

            operation.GetProperty("evidence").GetString().Should().NotBeEmpty();
        }

        var saved = json.RootElement.GetProperty("saved").GetString()!;
        result.Error.Should().Contain(saved);
        var doctor = await process.Run("doctor");
        doctor.Output.Should().Contain("auto (by calibration)");
        var managed = operations.Where(operation => operation.GetProperty("calibrated").GetString() == "managed")
            .Select(operation => operation.GetProperty("operation").GetString()!.Replace('_', ' ')).ToList();
        if (managed.Count > 0)
            doctor.Output.Should().MatchRegex($@"by managed-avx\w+\W+{string.Join(", ", managed)}");

        await File.WriteAllTextAsync(saved, "{", TestContext.Current.CancellationToken);
        (await process.Run("doctor")).Output.Should().Contain("The saved choice of who computes is damaged").And.Contain("auto (by table");
    }

    [Fact]
    public async Task A_profile_has_every_part_and_they_add_up()
    {
        var result = await InProcess.Run(
            "bench", "profile", "--model", "t5-nano", "--batch", "2", "--length", "20", "--dropout", "0.1", "--steps", "2", "--json",
            _folder.File("a.json"));
        if (result.ExitCode == ExitCode.Failed)
            result.Error.Should().Contain("The parts add up to"); // a machine that is busy at the wrong moment
        else
            (await File.ReadAllTextAsync(_folder.File("a.json"), TestContext.Current.CancellationToken)).Should().Contain("\"parts\":");
    }

    [Fact]
    public async Task A_dropout_that_is_none_is_refused() =>
        (await InProcess.Run("bench", "profile", "--model", "t5-nano", "--dropout", "1")).ShouldBeRefused("*--dropout is 1, expected*");
}

using System.Text.Json;
using ResidualPrompts.Compute;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary><c>--compute</c> and its environment variable.</summary>
public sealed class ComputeOptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("train", "--task", "subj", "--save-name", "x")]
    [InlineData("score", "--model", "t5-nano", "--labels", "a")]
    [InlineData("bench", "step", "--model", "t5-nano")]
    [InlineData("doctor")]
    public async Task An_unknown_value_is_refused_by_every_command(params string[] command)
    {
        (await InProcess.Run([.. command, "--compute", "mkl"])).ShouldBeRefused("--compute is 'mkl', expected auto, libtorch or managed.*");
        (await Program.Process.With(ComputeChoice.Variable, "mkl").Run(command))
            .ShouldBeRefused("RESIDUAL_PROMPTS_COMPUTE is 'mkl', expected auto, libtorch or managed.*");
    }

    [Fact]
    public async Task Help_is_shown_whatever_the_environment_says() =>
        (await Program.Process.With(ComputeChoice.Variable, "mkl").Run("doctor", "--help")).ExitCode.Should().Be(0);

    [Theory]
    [InlineData("libtorch", "multiplied by libtorch")]
    [InlineData("managed", "multiplied by a kernel of this library (avx")]
    public async Task Doctor_shows_the_choice(string policy, string products)
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, "the managed kernels need a processor with AVX2");
        var result = await Program.Process.With(ComputeChoice.Variable, policy).Run("doctor");
        result.ExitCode.Should().Be(0);
        result.Output.Should().MatchRegex($@"compute\W+{policy}\b").And.Contain(products);
    }

    [Fact]
    public async Task A_run_says_what_computed_and_the_option_goes_before_the_environment()
    {
        Assert.SkipUnless(ComputeChoice.CanBeManaged, "the managed kernels need a processor with AVX2");
        (await Compute("libtorch", "managed")).Should().Be(("libtorch", "libtorch", "libtorch"));
        var (policy, linear, kernel) = await Compute("managed", "libtorch");
        (policy, linear).Should().Be(("managed", $"managed-{kernel}"));
    }

    private async Task<(string? Policy, string? Linear, string? Kernel)> Compute(string option, string variable)
    {
        var result = await Program.Process.With(ComputeChoice.Variable, variable).Run(
            "train", "--model", TinyFolder.WriteModel(_folder), "--data", TinyFolder.WriteRows(_folder), "--epochs", "1", "--save-dir", _folder.Path,
            "--save-name", option,
            "--compute", option);
        result.ExitCode.Should().Be(0, result.Error);
        using var record = JsonDocument.Parse(await File.ReadAllBytesAsync(_folder.File(option, "run.json"), TestContext.Current.CancellationToken));
        var environment = record.RootElement.GetProperty("environment");
        var compute = environment.GetProperty("compute");
        return (compute.GetProperty("policy").GetString(), compute.GetProperty("linear").GetString(), environment.GetProperty("product_kernel")
            .GetString());
    }
}

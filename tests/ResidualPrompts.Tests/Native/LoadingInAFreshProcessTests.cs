using System.Buffers.Binary;
using System.Text;
using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

/// <summary>What the user of a program sees when its native libraries are good, missing or damaged.</summary>
public sealed class LoadingInAFreshProcessTests : IDisposable
{
    private readonly Probe _probe;

    public LoadingInAFreshProcessTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TorchSharp loads by itself on other systems");
        _probe = new Probe();
    }

    public void Dispose() => _probe?.Dispose();

    [Fact]
    public async Task A_program_starts_and_uses_the_default_number_of_threads_without_any_call()
    {
        var (exitCode, output, error) = await _probe.RunAsync();
        error.Should().BeEmpty();
        output.Should().Contain("sum=6").And.Contain($"threads={ComputeThreads.Default} ").And.Contain($"folder={_probe.NativeFolder}");
        exitCode.Should().Be(0);
    }

    [Fact]
    public async Task A_program_may_make_tensors_without_asking_for_libtorch_first()
    {
        var (exitCode, output, error) = await _probe.RunAsync(argument: "unannounced");
        error.Should().BeEmpty();
        output.Should().Contain("sum=6").And.Contain($"patched={LibTorch.Report.IsPatched}");
        exitCode.Should().Be(0);
    }

    [Fact]
    public async Task The_number_of_threads_can_be_set()
    {
        var (_, output, _) = await _probe.RunAsync(argument: "3");
        output.Should().Contain("threads=3 ");
    }

    [Fact]
    public async Task The_number_of_threads_in_the_environment_goes_before_the_default()
    {
        Assert.SkipUnless(ComputeThreads.Default > 1, "one core leaves nothing to choose");
        var environment = new Dictionary<string, string> { ["OMP_NUM_THREADS"] = "1" };
        var (_, output, _) = await _probe.RunAsync(environment: environment);
        output.Should().Contain("threads=1 ");
    }

    [Theory]
    [InlineData(null, "5000")]
    [InlineData("77", "77")]
    public async Task Spinning_at_barriers_is_limited_unless_the_environment_says_otherwise(string? given, string expected)
    {
        var environment = new Dictionary<string, string> { ["OMP_DISPLAY_ENV"] = "verbose" };
        if (given is not null)
            environment["GOMP_SPINCOUNT"] = given;
        // What libgomp itself says that it has read: the setting has reached native code, and in time.
        var (_, _, error) = await _probe.RunAsync(environment: environment);
        error.Should().Contain($"GOMP_SPINCOUNT = '{expected}'").And.Contain("OMP_NUM_THREADS = ");
    }

    [Fact]
    public async Task Random_bytes_in_place_of_the_library_are_a_message()
    {
        var noise = new byte[10000];
        new Random(1).NextBytes(noise);
        _probe.Replace(ShippedLibrary.FileName, noise);
        (await FailureAsync()).Should().Contain(_probe.Native(ShippedLibrary.FileName)).And.Contain("does not begin with the ELF signature");
    }

    [Theory]
    [InlineData("libc10.so")]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libLibTorchSharp.so")]
    public async Task A_missing_library_is_a_message(string fileName)
    {
        File.Delete(_probe.Native(fileName));
        (await FailureAsync()).Should().Contain($"{fileName} was not found").And.Contain(_probe.NativeFolder).And.Contain("libtorch-cpu-linux-x64");
    }

    [Fact]
    public async Task A_missing_library_of_a_library_is_a_message()
    {
        var name = Path.GetFileName(Directory.GetFiles(_probe.NativeFolder, "libgomp*")[0]);
        File.Delete(_probe.Native(name));
        (await FailureAsync()).Should().Contain(_probe.Native("libtorch_cpu.so")).And.Contain($"{name}: cannot open shared object file");
    }

    [Theory]
    [InlineData("libtorch_cpu.so")]
    [InlineData("libLibTorchSharp.so")]
    public async Task A_library_whose_copy_was_interrupted_is_a_message(string fileName)
    {
        var beginning = new byte[1 << 20];
        using (var whole = File.OpenRead(Path.Combine(ShippedLibrary.Folder, fileName)))
            whole.ReadExactly(beginning);
        _probe.Replace(fileName, beginning);
        (await FailureAsync()).Should().Contain(_probe.Native(fileName)).And.Contain("it has 1048576 bytes, and its headers speak of");
    }

    [Fact]
    public async Task A_library_that_needs_another_version_is_a_message()
    {
        var file = ShippedLibrary.Bytes();
        file[file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(ElfVersionPatch.VersionName + "\0")) + 13] = (byte)'9';
        _probe.Replace(ShippedLibrary.FileName, file);
        (await FailureAsync()).Should().Contain("GLIBCXX_3.4.39' not found")
            .And.Contain($"found glibc {LibTorch.Report.GlibcVersion} and {LibTorch.Report.NewestGlibcxx}");
    }

    [Fact]
    public async Task A_library_that_uses_the_version_for_more_is_a_message()
    {
        Assert.SkipUnless(LibTorch.Report.IsPatched, "this system has the version");
        var file = ShippedLibrary.Bytes();
        var versions = new ElfImage(file, "lib.so").Sections(0x6FFFFFFF)[0];
        var version = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(ShippedLibrary.FlagsOffset(file) + 2));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan((int)versions.Offset + 2), version);
        _probe.Replace(ShippedLibrary.FileName, file);
        (await FailureAsync()).Should().Contain("needs that version too").And.Contain("Use TorchSharp 0.107.0");
    }

    private async Task<string> FailureAsync()
    {
        var (exitCode, output, error) = await _probe.RunAsync();
        exitCode.Should().Be(2);
        output.Should().BeEmpty();
        error.TrimEnd().Should().NotContain("\n", "a message is one line and no stack trace");
        return error;
    }
}

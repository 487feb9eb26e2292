using ResidualPrompts.Native;
using TorchSharp;

namespace ResidualPrompts.Tests.Native;

public class LibTorchTests
{
    [Fact]
    public void Tensors_compute_in_the_test_host()
    {
        using var sum = torch.ones(2, 3).sum();
        sum.ToSingle().Should().Be(6);
    }

    [Fact]
    public void Every_loaded_file_comes_from_one_folder()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TorchSharp loads by itself on other systems");
        LibTorch.Report.Files.Select(Path.GetDirectoryName).Distinct().Should().Equal(LibTorch.Report.Folder);
        LibTorch.Report.Files.Select(Path.GetFileName).Should().Equal("libc10.so", "libtorch_cpu.so", "libtorch.so", "libLibTorchSharp.so");
    }
}

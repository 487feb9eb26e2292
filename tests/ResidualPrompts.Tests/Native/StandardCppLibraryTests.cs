using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

public class StandardCppLibraryTests
{
    [Fact]
    public void The_newest_version_of_the_loaded_library_is_known()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads files of Linux");
        LibTorch.Report.NewestGlibcxx.Should().MatchRegex(@"^GLIBCXX_3\.4\.\d+$");
    }

    [Fact]
    public void It_agrees_with_whether_the_patch_was_needed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads files of Linux");
        var isOld = Version.Parse(LibTorch.Report.NewestGlibcxx!["GLIBCXX_".Length..]) < new Version(3, 4, 32);
        LibTorch.Report.IsPatched.Should().Be(isOld);
    }

    [Fact]
    public void A_library_without_such_versions_has_none()
    {
        Assert.SkipUnless(ShippedLibrary.Exists, "the Linux library of TorchSharp is not beside the tests");
        StandardCppLibrary.NewestVersion(ShippedLibrary.Bytes(), "lib.so").Should().BeNull();
    }

    [Fact]
    public void The_path_is_found_in_the_list_of_mappings() =>
        StandardCppLibrary.PathIn(
        [
            "7f0000000000-7f0000001000 rw-p 00000000 00:00 0",
            "7f0000001000-7f0000002000 r--p 00000000 08:01 11 /usr/lib/libc.so.6",
            "7f0000002000-7f0000003000 r--p 00000000 08:01 12 /opt/a folder/libstdc++.so.6.0.30",
        ]).Should().Be("/opt/a folder/libstdc++.so.6.0.30");
}

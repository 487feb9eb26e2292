using System.Runtime.InteropServices;
using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

public class MemoryLibraryTests
{
    // An empty library: loading a second copy of it changes nothing in the process.
    private const string EmptyLibrary = "libtorch.so";

    [Fact]
    public void A_library_loads_from_memory()
    {
        var image = Image();
        MemoryLibrary.LoadFromMemoryFile(EmptyLibrary, image, out var handle).Should().BeNull();
        handle.Should().NotBe(0);
        NativeLibrary.Free(handle);
    }

    [Fact]
    public void A_library_that_stays_is_not_taken_for_the_next()
    {
        MemoryLibrary.LoadFromMemoryFile(EmptyLibrary, Image(), out var handle).Should().BeNull();
        MemoryLibrary.LoadFromMemoryFile("lib.so", new byte[100], out var next).Should().Contain("invalid ELF header");
        next.Should().Be(0);
        NativeLibrary.Free(handle);
    }

    [Fact]
    public void A_library_loads_from_a_temporary_file_of_which_nothing_remains()
    {
        var image = Image();
        var before = TemporaryFolders();
        MemoryLibrary.LoadFromTemporaryFile(EmptyLibrary, image, out var handle).Should().BeNull();
        handle.Should().NotBe(0);
        TemporaryFolders().Except(before).Should().BeEmpty();
        NativeLibrary.Free(handle);
    }

    [Fact]
    public void Bytes_that_are_no_library_are_refused_in_words()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "loads a library of Linux");
        new Action(() => MemoryLibrary.Load("/app/lib.so", new byte[100])).Should().Throw<NativeLibraryException>()
            .Which.Message.Should().Contain("/app/lib.so").And.Contain("invalid ELF header").And.Contain("TMPDIR");
    }

    private static byte[] Image()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "loads a library of Linux");
        LibTorch.EnsureLoaded();
        return File.ReadAllBytes(Path.Combine(LibTorch.Report.Folder!, EmptyLibrary));
    }

    // Without those of tests and measurements, which run beside this one in other processes and have a further word in their names.
    private static IEnumerable<string> TemporaryFolders() =>
        [.. Directory.GetDirectories(Path.GetTempPath(), "residual-prompts-*")
            .Where(folder => Path.GetFileName(folder).Count(character => character == '-') == 2)];
}

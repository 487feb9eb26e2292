using ResidualPrompts.Files;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Files;

public sealed class DiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_log_that_is_killed_at_any_operation_keeps_what_was_flushed()
    {
        for (var n = 1; ; n++)
        {
            var path = _folder.Write("log", "kept\ncut off\n");
            var flushed = 0L;
            var problem = new FaultyDisk(n).Run(() =>
            {
                using var log = new AppendOnlyFile(path, 5);
                foreach (var line in new[] { "one", "two" })
                {
                    log.AppendLine(line);
                    log.Flush();
                    flushed = log.Length;
                }
            });
            File.ReadAllText(path)[..(int)Math.Max(5, flushed)].Should().Be("kept\none\ntwo\n"[..(int)Math.Max(5, flushed)]);
            using (var log = new AppendOnlyFile(path, 5))
                log.AppendLine("again");
            File.ReadAllText(path).Should().Be("kept\nagain\n");
            if (problem is null)
            {
                n.Should().Be(1 + 7); // open, cut, two writes, two flushes, one sync of the folder
                return;
            }
        }
    }

    [Fact]
    public void A_stream_has_the_position_and_length_of_what_was_written_buffered_or_not()
    {
        foreach (var bufferSize in new[] { 0, 4 })
        {
            var path = _folder.File($"{bufferSize}");
            using (var stream = Disk.Create(path, bufferSize))
            {
                stream.Write("abc"u8);
                (stream.Position, stream.Length).Should().Be((3, 3));
                stream.Write("defghij"u8);
                stream.WriteByte((byte)'k');
                (stream.Position, stream.Length).Should().Be((11, 11));
                stream.Seek(1, SeekOrigin.Begin);
                stream.WriteByte((byte)'B');
                (stream.Position, stream.Length).Should().Be((2, 11));
                stream.Position = 10;
                stream.SetLength(10);
                stream.Write("!"u8);
                stream.FlushToDisk();
            }

            File.ReadAllText(path).Should().Be("aBcdefghij!");
        }
    }

    [Fact]
    public void What_was_not_flushed_is_abandoned()
    {
        using (var stream = Disk.Create(_folder.File("a"), 10))
            stream.Write("abc"u8);
        File.ReadAllText(_folder.File("a")).Should().BeEmpty();
    }

    [Fact]
    public void A_folder_goes_with_all_that_is_in_it_and_links_are_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        Directory.CreateDirectory(_folder.File("kept"));
        _folder.Write("kept/file", "");
        Directory.CreateDirectory(_folder.File("gone", "inner", "empty"));
        _folder.Write("gone/inner/file", "");
        _folder.Write("gone/.hidden", "");
        Directory.CreateSymbolicLink(_folder.File("gone", "link"), _folder.File("kept"));
        File.CreateSymbolicLink(_folder.File("gone", "dangling"), "nowhere");
        Directory.CreateSymbolicLink(_folder.File("folder link"), _folder.File("kept"));

        Disk.DeleteFolder(_folder.File("gone"));
        Disk.DeleteFolder(_folder.File("folder link"));

        Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder.Path, path))
            .Should().BeEquivalentTo("kept", Path.Combine("kept", "file"));
    }

    [Fact]
    public void A_layer_sees_what_its_own_caller_does_and_nothing_else()
    {
        var disk = new FaultyDisk();
        disk.Run(() =>
        {
            var (own, other) = (new Thread(() => Disk.CreateFolder(_folder.File("a"))), new Thread(() => Disk.CreateFolder(_folder.File("b"))));
            own.Start();
            other.UnsafeStart(); // without what flows from here, as a thread of another test
            own.Join();
            other.Join();
        });
        Disk.CreateFolder(_folder.File("c"));
        disk.Count.Should().Be(1);
    }
}

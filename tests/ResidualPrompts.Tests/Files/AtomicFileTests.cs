using ResidualPrompts.Files;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_new_file_appears_with_its_content_and_nothing_else_does()
    {
        AtomicFile.Write(_folder.File("a"), stream => stream.Write("new"u8));

        File.ReadAllText(_folder.File("a")).Should().Be("new");
        _folder.FileNames().Should().Equal("a");
    }

    [Fact]
    public void A_shorter_file_replaces_a_longer_one_completely()
    {
        File.WriteAllText(_folder.File("a"), "a much longer text");

        AtomicFile.Write(_folder.File("a"), stream => stream.Write("new"u8));

        File.ReadAllText(_folder.File("a")).Should().Be("new");
    }

    [Fact]
    public void A_failure_in_the_middle_leaves_the_old_file_and_no_temporary_one()
    {
        File.WriteAllText(_folder.File("a"), "old");

        var write = () => AtomicFile.Write(_folder.File("a"), stream =>
        {
            stream.Write(new byte[1 << 20]);
            throw new InvalidDataException("in the middle");
        });

        write.Should().Throw<InvalidDataException>().WithMessage("in the middle");
        File.ReadAllText(_folder.File("a")).Should().Be("old");
        _folder.FileNames().Should().Equal("a");
    }

    [Fact]
    public void While_it_is_written_the_old_file_is_still_there()
    {
        File.WriteAllText(_folder.File("a"), "old");

        AtomicFile.Write(_folder.File("a"), stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            File.ReadAllText(_folder.File("a")).Should().Be("old");
            _folder.FileNames().Should().HaveCount(2);
        });

        File.ReadAllText(_folder.File("a")).Should().Be("new");
    }

    [Fact]
    public void A_folder_in_the_way_is_an_error_and_stays()
    {
        Directory.CreateDirectory(_folder.File("a"));

        var write = () => AtomicFile.Write(_folder.File("a"), stream => stream.Write("new"u8));

        write.Should().Throw<IOException>();
        Directory.Exists(_folder.File("a")).Should().BeTrue();
        _folder.FileNames().Should().BeEmpty();
    }

    [Fact]
    public void A_missing_folder_is_an_error()
    {
        var write = () => AtomicFile.Write(_folder.File("none/a"), stream => stream.Write("new"u8));

        write.Should().Throw<DirectoryNotFoundException>();
    }

    [Fact]
    public void Whichever_operation_fails_the_old_file_stays_and_no_temporary_one_does()
    {
        var points = AtEachOperation(DiskFault.Fails, (failure, n) =>
        {
            failure.Should().BeAssignableTo<IOException>();
            File.ReadAllBytes(_folder.File("a")).Should().Equal(IsInPlace(n) ? New : Old);
            _folder.FileNames().Should().Equal("a");
        });
        points.Should().Be(7); // create, three writes of a buffer or more, flush, rename, sync of the folder
    }

    [Fact]
    public void Whenever_the_process_is_killed_the_file_is_the_old_one_or_the_new_one()
    {
        AtEachOperation(DiskFault.Kills, (killed, n) =>
        {
            killed.Should().BeOfType<KilledException>();
            File.ReadAllBytes(_folder.File("a")).Should().Equal(IsInPlace(n) ? New : Old);
            AtomicFile.Leftovers(_folder.File("a")).Select(Path.GetFileName).Append("a").Should().BeEquivalentTo(_folder.FileNames());
            foreach (var leftover in AtomicFile.Leftovers(_folder.File("a")))
                File.Delete(leftover);
        }).Should().Be(7);
    }

    [Fact]
    public void A_link_is_replaced_at_once_or_not_at_all()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        _folder.Write("one", "1");
        _folder.Write("two", "2");
        for (var n = 1; n <= 3; n++)
        {
            foreach (var fault in Enum.GetValues<DiskFault>())
            {
                AtomicFile.Link(_folder.File("a"), "one");
                new FaultyDisk(n, fault).Run(() => AtomicFile.Link(_folder.File("a"), "two")).Should().NotBeNull();
                File.ReadAllText(_folder.File("a")).Should().Be(n == 3 ? "2" : "1");
                AtomicFile.Leftovers(_folder.File("a")).Should().HaveCount(fault == DiskFault.Kills && n == 2 ? 1 : 0);
                foreach (var leftover in AtomicFile.Leftovers(_folder.File("a")))
                    File.Delete(leftover);
            }
        }

        AtomicFile.Link(_folder.File("a"), "two");
        new FileInfo(_folder.File("a")).LinkTarget.Should().Be("two");
    }

    [Fact]
    public void What_a_dead_process_left_is_removed_and_what_a_live_one_writes_is_not()
    {
        var (dead, live) = (_folder.File(".a.deadbeef.abc.tmp"), _folder.File(".a.00000000.abc.tmp"));
        var others = new[] { ".a.b.deadbeef.abc.tmp", ".b.deadbeef.abc.tmp", ".a.tmp", "a.tmp", "my notes.tmp" };
        foreach (var name in others)
            _folder.Write(name, "");
        _folder.Write(Path.GetFileName(dead), "half");
        using (var held = Disk.Create(live, 0))
        {
            AtomicFile.Write(_folder.File("a"), stream =>
            {
                stream.Write("new"u8);
                AtomicFile.Leftovers(_folder.File("a")).Should().BeEmpty(); // of two live ones
                AtomicFile.LeftoversIn(_folder.Path).Select(Path.GetFileName).Should().BeEquivalentTo(others[..2]);
            });
            _folder.FileNames().Should().BeEquivalentTo([.. others, "a", Path.GetFileName(live)]);
        }

        AtomicFile.Write(_folder.File("a"), stream => stream.Write("newer"u8));
        _folder.FileNames().Should().BeEquivalentTo([.. others, "a"]);
    }

    [Fact]
    public void A_set_of_files_is_the_old_one_or_the_new_one_or_has_no_key()
    {
        foreach (var fault in Enum.GetValues<DiskFault>())
        {
            for (var n = 1; ; n++)
            {
                foreach (var name in _folder.FileNames())
                    File.Delete(_folder.File(name));
                foreach (var name in new[] { "key", "one", "gone", "mine" })
                    _folder.Write(name, "old");
                void Write()
                {
                    using var set = new FileSet(_folder.File("key"));
                    set.Add(_folder.File("key"), stream => stream.Write("new"u8));
                    set.Add(_folder.File("one"), stream => stream.Write("new"u8));
                    set.Replace(_folder.File("gone"), _folder.File("never there"));
                }

                var problem = new FaultyDisk(n, fault).Run(Write);
                if (fault == DiskFault.Fails)
                    _folder.FileNames().Should().OnlyContain(name => !name.EndsWith(".tmp"));
                if (File.Exists(_folder.File("key")))
                {
                    var text = File.ReadAllText(_folder.File("key"));
                    File.ReadAllText(_folder.File("one")).Should().Be(text);
                    File.Exists(_folder.File("gone")).Should().Be(text == "old");
                }

                Write();
                _folder.FileNames().Should().Equal("key", "mine", "one");
                (File.ReadAllText(_folder.File("key")), File.ReadAllText(_folder.File("mine"))).Should().Be(("new", "old"));
                if (problem is not null)
                    continue;
                n.Should().Be(1 + 13); // of each of two: create, write, flush, rename, sync; two deletions and their sync
                break;
            }
        }
    }

    [Fact]
    public void A_set_of_files_removes_what_a_dead_process_left_of_a_file_that_does_not_stay()
    {
        foreach (var name in new[] { ".gone.k3abcdef.q1z.tmp", ".key.k3abcdef.q1z.tmp", ".mine.k3abcdef.q1z.tmp", "key" })
            _folder.Write(name, "old");
        using (var set = new FileSet(_folder.File("key")))
        {
            set.Add(_folder.File("key"), stream => stream.Write("new"u8));
            set.Replace(_folder.File("gone"));
        }

        _folder.FileNames().Should().BeEquivalentTo(["key", ".mine.k3abcdef.q1z.tmp"]);
    }

    private static byte[] Old { get; } = [1, 2, 3];

    private static byte[] New { get; } = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i % 251))];

    /// <summary>
    /// Whether the new file has its name already when the n-th operation does not happen: only the sync of the folder comes after the rename.
    /// </summary>
    private static bool IsInPlace(int n) => n == 7;

    /// <summary>Writes in pieces that are smaller and larger than the buffer, on a disk with a fault at one operation after another.</summary>
    private int AtEachOperation(DiskFault fault, Action<Exception, int> check)
    {
        for (var n = 1; ; n++)
        {
            File.WriteAllBytes(_folder.File("a"), Old);
            var problem = new FaultyDisk(n, fault).Run(() => AtomicFile.Write(_folder.File("a"), stream =>
            {
                stream.Write(New.AsSpan(0, 10));
                stream.Write(New.AsSpan(10, 150_000));
                stream.WriteByte(New[150_010]);
                stream.Write(New.AsSpan(150_011));
            }));
            if (problem is null)
            {
                File.ReadAllBytes(_folder.File("a")).Should().Equal(New);
                return n - 1;
            }

            check(problem, n);
        }
    }
}

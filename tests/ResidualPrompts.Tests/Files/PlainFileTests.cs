using ResidualPrompts.Data.Splits;
using ResidualPrompts.Files;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Files;

public sealed class PlainFileTests : IDisposable
{
    private const string Pointer = """
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 2950825948

        """;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Kinds => [.. SpecialFile.Kinds];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_is_found_in_a_folder_is_read_only_if_it_is_a_plain_file(string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such files in folders.");
        var path = _folder.File("adapter_config.json");
        SpecialFile.Put(path, kind);

        foreach (var read in new Action[] { () => PlainFile.Open(path).Dispose(), () => PlainFile.Read(path, 100), () => PlainFile.Require(path) })
            read.Should().Throw<FileException>().WithMessage($"'{path}' is not read: expected a plain file there, found a *{kind.Split(' ')[^1]}.")
                .Which.Kind.Should().Be(ProblemKind.Invalid);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_files_of_a_folder_of_data_are_plain_files_too(string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such files in folders.");
        _folder.Write("train.jsonl", """{"text": "a", "label": 1}""");
        SpecialFile.Put(_folder.File("validation-00000-of-00001.jsonl"), kind);

        FluentActions.Invoking(() => DataSource.Open(_folder.Path)).Should().Throw<FileException>()
            .WithMessage($"*validation-00000-of-00001.jsonl' is not read: expected a plain file there, found a *{kind.Split(' ')[^1]}.");
    }

    [Fact]
    public async Task A_pipe_that_takes_the_place_of_a_file_while_it_is_opened_is_refused_and_never_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such files in folders.");
        var (path, plain, pipe) = (_folder.File("a"), _folder.Write("plain", "text"), _folder.File("pipe"));
        SpecialFile.MakePipe(pipe);
        var (isDone, refused, readCount) = (false, 0, 0);
        var exchange = Task.Run(() =>
        {
            while (!Volatile.Read(ref isDone))
            {
                foreach (var target in new[] { plain, pipe })
                {
                    File.CreateSymbolicLink(path + ".new", target);
                    File.Move(path + ".new", path, overwrite: true);
                }
            }
        }, TestContext.Current.CancellationToken);

        for (var i = 0; i < 20_000 && (i < 2000 || refused == 0 || readCount == 0); i++)
        {
            try
            {
                PlainFile.ReadText(path, 100).Should().Be("text");
                readCount++;
            }
            catch (FileException)
            {
                refused++;
            }
            catch (FileNotFoundException) when (i < 1000)
            {
                continue; // the first link is not there yet
            }
        }

        Volatile.Write(ref isDone, true);
        await exchange;
        refused.Should().BePositive();
        readCount.Should().BePositive();
    }

    [Fact]
    public void A_link_to_a_plain_file_is_read()
    {
        File.CreateSymbolicLink(_folder.File("link"), _folder.Write("file", "text"));

        PlainFile.ReadText(_folder.File("link"), 4).Should().Be("text");
    }

    [Fact]
    public void A_file_larger_than_its_place_allows_is_refused_before_it_is_read()
    {
        var path = _folder.File("large");
        using (var file = File.Create(path))
            file.SetLength(1L << 40);

        foreach (var read in new[] { () => PlainFile.Read(path, 100), () => PlainFile.ReadNamed(path, 100) })
            read.Should().Throw<FileException>().WithMessage($"'{path}' is not read: expected at most 100 bytes, found {1L << 40}.");
    }

    [Fact]
    public async Task A_pipe_that_the_user_named_is_read_to_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such files in folders.");
        SpecialFile.MakePipe(_folder.File("pipe"));
        var read = Task.Run(() => PlainFile.ReadNamed(_folder.File("pipe"), 200_000), TestContext.Current.CancellationToken);

        await File.WriteAllBytesAsync(_folder.File("pipe"), new byte[200_000], TestContext.Current.CancellationToken);

        (await read).Should().HaveCount(200_000);
    }

    [Fact]
    public void A_device_that_the_user_named_is_read_up_to_the_bound()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such files in folders.");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = () => PlainFile.ReadNamed("/dev/zero", 1 << 20);

        read.Should().Throw<FileException>().WithMessage("'/dev/zero' is not read further: expected at most 1048576 bytes, found more.");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(8 << 20);
    }

    [Theory]
    [InlineData("a missing file", typeof(FileNotFoundException))]
    [InlineData("a missing folder/a file", typeof(DirectoryNotFoundException))]
    [InlineData(".", typeof(UnauthorizedAccessException))]
    [InlineData("a\0b", typeof(ArgumentException))]
    public void Other_problems_are_those_of_File_OpenRead(string name, Type expected)
    {
        var path = Path.Join(_folder.Path, name);

        foreach (var read in new Action[] { () => PlainFile.Open(path), () => File.OpenRead(path) })
        {
            var thrown = read.Should().Throw<Exception>().Which;
            thrown.Should().BeOfType(name.StartsWith("a missing folder", StringComparison.Ordinal) ? thrown.GetType() : expected);
            thrown.Should().Match<Exception>(e => e is IOException || e is UnauthorizedAccessException || e is ArgumentException);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pointer_of_git_lfs_is_refused_by_name(bool isWindowsCheckout)
    {
        var path = _folder.Write("model.safetensors", isWindowsCheckout ? Pointer.ReplaceLineEndings("\r\n") : Pointer.ReplaceLineEndings("\n"));

        foreach (var read in new Action[]
        {
            () => PlainFile.Open(path), () => PlainFile.Read(path, 9), () => PlainFile.OpenNamed(path), () => PlainFile.ReadNamed(path, 1000),
        })
        {
            var thrown = read.Should().Throw<FileException>().Which;
            thrown.Message.Should().Match($"'{path}' is a pointer of Git LFS (* bytes), expected the file itself (2950825948 bytes): *");
            thrown.Remedies[0].Should().Be(new Remedy.Act("run `git lfs pull` in that repository"));
        }
    }

    [Fact]
    public void A_text_about_git_lfs_is_no_pointer()
    {
        var path = _folder.Write("a.txt", Pointer + new string('x', 1024));

        PlainFile.Read(path, 10_000).Should().HaveCount(Pointer.Length + 1024);
    }
}

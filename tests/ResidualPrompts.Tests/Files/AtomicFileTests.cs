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
}

using ResidualPrompts.Files;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Files;

public sealed class FileDigestsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Digests_are_those_of_the_content_also_when_remembered()
    {
        var small = _folder.Write("small", "abc");
        FileDigests.Of(small).Should().Be("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        var large = _folder.File("large");
        File.WriteAllBytes(large, new byte[3 << 20]);
        var digest = FileDigests.Of(large);
        FileDigests.Of(large).Should().Be(digest);
        File.WriteAllBytes(large, [.. new byte[3 << 20], 1]);
        FileDigests.Of(large).Should().NotBe(digest);
    }

    [Fact]
    public void What_is_remembered_of_large_files_is_not_computed_again_until_one_changes()
    {
        string[] files = [_folder.File("one"), _folder.File("two")];
        File.WriteAllBytes(files[0], new byte[1 << 20]);
        File.WriteAllBytes(files[1], new byte[10]);
        var count = 0;
        string Digest() => FileDigests.Remembered("test", files, () => $"{++count}");
        Digest().Should().Be("1");
        Digest().Should().Be("1");
        File.WriteAllBytes(files[1], new byte[11]);
        Digest().Should().Be("2");
        FileDigests.Remembered("another", files, () => "else").Should().Be("else");
    }

    [Fact]
    public void A_small_file_of_the_same_size_and_time_is_another_one()
    {
        var (large, small) = (_folder.Write("weights", new string('w', 2 << 20)), _folder.Write("config.json", "true "));
        var time = File.GetLastWriteTimeUtc(small);
        FileDigests.Remembered("config", [large, small], () => File.ReadAllText(small)).Should().Be("true ");

        File.WriteAllText(small, "false");
        File.SetLastWriteTimeUtc(small, time);

        FileDigests.Remembered("config", [large, small], () => File.ReadAllText(small)).Should().Be("false");
    }
}

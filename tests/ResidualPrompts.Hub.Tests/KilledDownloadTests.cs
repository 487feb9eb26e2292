using ResidualPrompts.Testing;

namespace ResidualPrompts.Hub.Tests;

/// <summary>A download that is killed, or meets a full disk, at any operation ends with the same cache when it is asked for again.</summary>
public sealed class KilledDownloadTests : HubFixture
{
    private static readonly byte[] Row = "{\"a\":1}\n"u8.ToArray();

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 7)]
    public void A_model(bool usesLinks, int step) =>
        Try($"hub download of a model{(usesLinks ? "" : " without links")}", step, () => GetModel(Settings(usesLinks: usesLinks)), () =>
            GetModel(Settings(isOffline: true)));

    [Fact]
    public void A_data_set_of_several_files()
    {
        Hub.Commit("datasets/aps/super_glue", ("cb/train-00000-of-00002.jsonl", Row, true),
            ("cb/train-00001-of-00002.jsonl", [.. Row, .. Row], false),
            ("cb/test.jsonl", [.. Row, .. Row, .. Row], true), ("rte/train.jsonl", Row, true));
        Try("hub download of a data set", 5, () => GetDataSet("aps/super_glue:cb"), () => GetDataSet("aps/super_glue:cb", Settings(isOffline: true)));
    }

    /// <param name="name">What is downloaded.</param>
    /// <param name="step">See <see cref="KillPoints"/>.</param>
    /// <param name="download">Downloads it.</param>
    /// <param name="offline">Finds it without the hub: whole, or not at all.</param>
    private void Try(string name, int step, Func<Task<HubSnapshot>> download, Func<Task<HubSnapshot>> offline)
    {
        download().GetAwaiter().GetResult();
        var whole = Content();
        KillPoints.Try(
            name, step,
            start: () => Directory.Delete(Cache, recursive: true),
            work: _ => download().GetAwaiter().GetResult(),
            check: when =>
            {
                Content().Should().BeEquivalentTo(whole, when);
                offline().GetAwaiter().GetResult().Commit.Should().NotBeEmpty();
            },
            between: when =>
            {
                EverythingFinalIsWhole();
                try
                {
                    var folder = offline().GetAwaiter().GetResult().Folder;
                    Content(folder).Where(file => !Path.GetFileName(file.Key).StartsWith('.')).ToDictionary().Should().BeEquivalentTo(
                        whole.Where(file => file.Key.StartsWith(Path.GetRelativePath(Cache, folder), StringComparison.Ordinal))
                            .ToDictionary(file => file.Key[(Path.GetRelativePath(Cache, folder).Length + 1)..], file => file.Value), when);
                }
                catch (HubException e)
                {
                    e.Remedies.OfType<Remedy.Download>().Should().ContainSingle(when);
                }
            });
    }

    private Dictionary<string, string> Content() => Content(Cache);

    /// <summary>
    /// What is in the files of snapshots and beside them. How a file is stored may differ: where no link can be made it is a copy, beside its blob or
    /// instead of it. Left out is what a cache can do without: its mark for backups, and what a commit is known not to have.
    /// </summary>
    private static Dictionary<string, string> Content(string folder) => TinyFolder.Files(folder)
        .Where(name => name != "CACHEDIR.TAG" && !name.Contains(".no_exist", StringComparison.Ordinal)
            && (!name.Contains($"{Path.DirectorySeparatorChar}blobs{Path.DirectorySeparatorChar}") || Path.GetExtension(name) != ""))
        .ToDictionary(name => name, name => Convert.ToHexString(File.ReadAllBytes(Path.Combine(folder, name))));
}

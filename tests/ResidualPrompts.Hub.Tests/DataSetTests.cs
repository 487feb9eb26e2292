using System.Text;

namespace ResidualPrompts.Hub.Tests;

/// <summary>Which files of a data set are taken, and where from.</summary>
public sealed class DataSetTests : HubFixture
{
    private static readonly HubRepository Some = HubRepository.DataSet("some/set");

    [Theory]
    [InlineData("boolq", "boolq", "boolq/train-00000-of-00001.parquet boolq/validation-00000-of-00001.parquet",
        "README.md boolq/train-00000-of-00001.parquet boolq/validation-00000-of-00001.parquet cb/train-00000-of-00001.parquet")]
    [InlineData(null, "data", "data/test-00000-of-00001.parquet data/train-00000-of-00001.parquet",
        "data/train-00000-of-00001.parquet data/test-00000-of-00001.parquet .gitattributes")]
    [InlineData(null, "plain_text", "plain_text/train-00000-of-00001.parquet", "plain_text/train-00000-of-00001.parquet")]
    [InlineData(null, "", "test.jsonl train.jsonl", "train.jsonl test.jsonl README.md")]
    [InlineData("default", "", "train.jsonl", "train.jsonl")]
    [InlineData(null, "", "train.parquet", "train.parquet train.csv")]
    public void A_configuration_is_a_folder_and_Parquet_goes_first(string? configuration, string folder, string files, string names)
    {
        var chosen = DataSetFiles.Choose(Some, configuration, names.Split(' '));

        chosen.Folder.Should().Be(folder);
        chosen.Files.Should().Equal(files.Split(' '));
    }

    [Theory]
    [InlineData(null, "boolq/a.parquet cb/a.parquet", "*name one, as in 'some/set:boolq'. Found boolq, cb.")]
    [InlineData("wsc", "boolq/a.parquet cb/a.parquet", "*holds no data set 'wsc': expected one of boolq, cb.")]
    [InlineData(null, "trec.py README.md", "*none in Parquet, JSON Lines, CSV or TSV*")]
    public void What_cannot_be_chosen_is_told_with_what_there_is(string? configuration, string names, string message) =>
        FluentActions.Invoking(() => DataSetFiles.Choose(Some, configuration, names.Split(' '))).Should().Throw<HubException>().WithMessage(message);

    [Fact]
    public async Task One_configuration_is_downloaded_and_found_offline()
    {
        var commit = Hub.Commit("datasets/aps/super_glue",
            ("boolq/train.jsonl", Encoding.UTF8.GetBytes("{\"a\":1}\n"), true), ("boolq/validation.jsonl", [2], true), ("cb/train.jsonl", [3], true),
                ("README.md", [4], false));

        var online = await GetDataSet("aps/super_glue:boolq");
        var offline = await GetDataSet("aps/super_glue:boolq", Settings(isOffline: true));

        online.Folder.Should().Be(Path.Combine(Cache, "datasets--aps--super_glue", "snapshots", commit, "boolq")).And.Be(offline.Folder);
        Directory.GetFiles(online.Folder).Select(Path.GetFileName).Should().BeEquivalentTo("train.jsonl", "validation.jsonl");
        Hub.Requests.Should().NotContain(request => request.Path.Contains("/cb/"));
        new FileInfo(Path.Combine(online.Folder, "train.jsonl")).LinkTarget.Should().StartWith("../../../blobs/");
        var other = () => GetDataSet("aps/super_glue:cb", Settings(isOffline: true));
        (await other.Should().ThrowAsync<HubException>()).Which.Remedies.Should().Equal(new Remedy.Download("aps/super_glue", null, IsDataSet: true));
    }

    [Fact]
    public async Task A_part_of_the_files_is_never_taken_for_all_of_them_offline()
    {
        Hub.Commit("datasets/big", ("train.jsonl", [1], true), ("validation.jsonl", [2], true));
        Hub.AtStore = (context, _) =>
        {
            context.Response.StatusCode = 404;
            return Task.FromResult(context.Request.Path.Value!.EndsWith("validation.jsonl"));
        };
        await FluentActions.Awaiting(() => GetDataSet("big")).Should().ThrowAsync<HubException>();

        await FluentActions.Awaiting(() => GetDataSet("big", Settings(isOffline: true))).Should().ThrowAsync<HubException>();
    }

    [Fact]
    public async Task A_branch_with_a_slash_is_a_revision()
    {
        Hub.CommitTo("refs/pr/1", "datasets/big", ("train.jsonl", [9], false));

        var snapshot = await GetDataSet("big", revision: "refs/pr/1");

        File.ReadAllBytes(Path.Combine(snapshot.Folder, "train.jsonl")).Should().Equal(9);
        File.Exists(Path.Combine(Cache, "datasets--big", "refs", "refs", "pr", "1")).Should().BeTrue();
    }
}

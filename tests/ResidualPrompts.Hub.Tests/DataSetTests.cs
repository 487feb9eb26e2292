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
    public async Task A_part_that_is_left_of_a_configuration_is_not_all_of_it_although_another_is_whole()
    {
        Hub.Commit("datasets/aps/super_glue", ("cb/train.jsonl", [1], true), ("rte/train.jsonl", [2], true), ("rte/validation.jsonl", [3], true));
        await GetDataSet("aps/super_glue:cb"); // from here on the cache knows the branch
        var rte = await GetDataSet("aps/super_glue:rte");
        File.Delete(Path.Combine(rte.Folder, "validation.jsonl"));

        var offline = () => GetDataSet("aps/super_glue:rte", Settings(isOffline: true));
        (await offline.Should().ThrowAsync<HubException>()).WithMessage("*is only in part in the cache*(rte/validation.jsonl is missing)*");
        (await GetDataSet("aps/super_glue:cb", Settings(isOffline: true))).Folder.Should().EndWith("cb");
        (await GetDataSet("aps/super_glue:rte")).Folder.Should().Be(rte.Folder);
        (await offline()).Folder.Should().Be(rte.Folder);
    }

    /// <summary>Another program downloaded it, so that nothing but the names says how many there are.</summary>
    [Theory]
    [InlineData("train-00000-of-00003.parquet train-00002-of-00003.parquet", "train-00001-of-00003.parquet")]
    [InlineData("train-00000-of-00001.parquet test-00000-of-00002.parquet", "test-00001-of-00002.parquet")]
    [InlineData("data/train-00000-of-00002-0a1b2c3d.parquet", "data/train-00001-of-00002.parquet")]
    [InlineData("train-00000-of-00002.jsonl.gz", "train-00001-of-00002.jsonl.gz")]
    [InlineData("train-00000-of-00002.csv train-00001-of-00002.csv", null)]
    [InlineData("train-00000-of-00001.parquet 2024-of-2025.parquet", null)]
    public async Task Some_of_several_numbered_files_are_not_all_of_them(string names, string? missing)
    {
        var commit = new string('a', 40);
        foreach (var name in names.Split(' '))
        {
            var path = Path.Combine(Cache, "datasets--big", "snapshots", commit, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, [1], TestContext.Current.CancellationToken);
        }

        Directory.CreateDirectory(Path.Combine(Cache, "datasets--big", "refs"));
        await File.WriteAllTextAsync(Path.Combine(Cache, "datasets--big", "refs", "main"), commit, TestContext.Current.CancellationToken);
        var offline = () => GetDataSet("big", Settings(isOffline: true));
        if (missing is null)
            (await offline()).Commit.Should().Be(commit);
        else
            (await offline.Should().ThrowAsync<HubException>()).WithMessage($"*({missing} is missing)*");
    }

    [Theory]
    [InlineData("train.jsonl")]
    [InlineData("validation.jsonl")]
    public async Task A_link_whose_blob_is_gone_is_no_file_of_a_data_set(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        Hub.Commit("datasets/big", ("train.jsonl", [1], true), ("validation.jsonl", [2], true));
        var path = Path.Combine((await GetDataSet("big")).Folder, name);
        foreach (var isListed in new[] { true, false })
        {
            if (!isListed)
                Directory.Delete(Path.Combine(Cache, "datasets--big", ".files"), recursive: true);
            File.Delete(File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName);
            await FluentActions.Awaiting(() => GetDataSet("big", Settings(isOffline: true))).Should().ThrowAsync<HubException>();
            await GetDataSet("big");
            File.ReadAllBytes(path).Should().HaveCount(1);
            await GetDataSet("big", Settings(isOffline: true));
        }
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("spiece.model")]
    [InlineData("model.safetensors")]
    public async Task A_link_whose_blob_is_gone_is_no_file_of_a_model(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        var path = Path.Combine((await GetModel()).Folder, name);
        var good = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        File.Delete(File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName);
        await FluentActions.Awaiting(() => GetModel(Settings(isOffline: true))).Should().ThrowAsync<HubException>();
        await FluentActions.Awaiting(() => GetModel(Settings(isOffline: true), revision: Commit)).Should().ThrowAsync<HubException>();
        await GetModel();
        File.ReadAllBytes(path).Should().Equal(good);
        await GetModel(Settings(isOffline: true));
    }

    [Fact]
    public async Task A_shard_and_a_setting_of_the_tokenizer_count_as_well()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right there");
        Hub.Commit("big/t5", ("config.json", Config, false), ("spiece.model", Spiece, true), ("tokenizer_config.json", "{}"u8.ToArray(), false),
            ("model.safetensors.index.json", "{\"weight_map\":{\"a\":\"one.safetensors\",\"b\":\"two.safetensors\"}}"u8.ToArray(), false),
            ("one.safetensors", [1], true), ("two.safetensors", [2], true));
        foreach (var name in new[] { "two.safetensors", "tokenizer_config.json", "model.safetensors.index.json" })
        {
            var path = Path.Combine((await GetModel(name: "big/t5")).Folder, name);
            File.Delete(File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName);
            await FluentActions.Awaiting(() => GetModel(Settings(isOffline: true), "big/t5")).Should().ThrowAsync<HubException>(name);
            await GetModel(name: "big/t5");
            File.ReadAllBytes(path).Should().NotBeEmpty();
        }
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

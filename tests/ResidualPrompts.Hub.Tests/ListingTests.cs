using ResidualPrompts.Hub.Download;

namespace ResidualPrompts.Hub.Tests;

public sealed class ListingTests : HubFixture
{
    [Fact]
    public async Task Blobs_count_once_and_unfinished_ones_apart()
    {
        await GetModel();
        var next = Hub.Commit(Name, ("config.json", [.. Config, 32], false), ("spiece.model", Spiece, true), ("model.safetensors", Weights, true));
        await GetModel();
        File.WriteAllBytes(Path.Combine(Blobs, "abc.incomplete"), new byte[77]);
        Directory.CreateDirectory(Path.Combine(Cache, "something-else"));

        var listed = HubListing.Of(Cache).Should().ContainSingle().Which;

        listed.Repository.Should().Be(HubRepository.Model(Name));
        listed.Size.Should().Be(Weights.Length + Spiece.Length + Config.Length + Config.Length + 1);
        listed.IncompleteSize.Should().Be(77);
        listed.Revisions.Should().HaveCount(2).And.OnlyContain(revision => revision.FileCount == 3);
        listed.Revisions.Single(revision => revision.Commit == next).Names.Should().Equal("main");
        listed.Revisions.Single(revision => revision.Commit == Commit).Names.Should().BeEmpty();
        HubListing.Of(Path.Combine(Cache, "nowhere")).Should().BeEmpty();
    }
}

using System.Text.Json;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights;

public sealed class CheckpointTests : IDisposable
{
    private const string FirstShard = "model-00001-of-00002.safetensors";
    private const string SecondShard = "model-00002-of-00002.safetensors";

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_folder_with_one_file_and_the_file_itself_give_the_same()
    {
        Write(Checkpoint.FileName, ("a", 1));

        using var byFolder = Checkpoint.Open(_folder.Path);
        using var byFile = Checkpoint.Open(_folder.File(Checkpoint.FileName));

        byFolder.Read("a").item<float>().Should().Be(1);
        byFile.Read("a").item<float>().Should().Be(1);
        byFolder.Entries.Keys.Should().Equal("a");
    }

    [Fact]
    public void Shards_are_read_as_one()
    {
        Write(FirstShard, ("a", 1), ("b", 2));
        Write(SecondShard, ("c", 3));
        WriteMap(("a", FirstShard), ("b", FirstShard), ("c", SecondShard));

        using var checkpoint = Checkpoint.Open(_folder.Path);

        checkpoint.Entries.Keys.Should().BeEquivalentTo("a", "b", "c");
        checkpoint.Read("b").item<float>().Should().Be(2);
        checkpoint.Read("c").item<float>().Should().Be(3);
        checkpoint.Entries["c"].Shape.Should().BeEmpty();
    }

    [Fact]
    public void One_file_comes_before_an_index()
    {
        Write(Checkpoint.FileName, ("a", 1));
        WriteIndex("broken");

        using var checkpoint = Checkpoint.Open(_folder.Path);

        checkpoint.Read("a").item<float>().Should().Be(1);
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        Write(FirstShard, ("a", 1));
        WriteMap(("a", FirstShard), ("c", SecondShard));

        Refused().Should().Contain(Checkpoint.IndexFileName).And.Contain($"names '{SecondShard}', but there is no such file");
    }

    [Theory]
    [InlineData(SecondShard)]
    [InlineData(FirstShard)]
    public void A_key_that_is_not_in_the_shard_of_the_index_is_named(string shard)
    {
        // 'b' is nowhere, or in the other shard than the index says.
        Write(FirstShard, ("a", 1));
        Write(SecondShard, shard == FirstShard ? [("b", 2f), ("c", 3f)] : [("c", 3f)]);
        WriteMap(("a", FirstShard), ("b", shard), ("c", SecondShard));

        Refused().Should().Contain($"'b' is in '{shard}'");
    }

    [Fact]
    public void A_key_in_two_shards_is_refused_with_both()
    {
        Write(FirstShard, ("a", 1));
        Write(SecondShard, ("a", 1), ("c", 3));
        WriteMap(("a", FirstShard), ("c", SecondShard));

        Refused().Should().Contain("'a' is in two shards").And.Contain(FirstShard).And.Contain(SecondShard);
    }

    [Theory]
    [InlineData("../secret.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/model.safetensors")]
    [InlineData(@"..\secret.safetensors")]
    [InlineData("C:model.safetensors")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_shard_may_not_lead_out_of_the_folder(string shard)
    {
        WriteMap(("a", shard));

        Refused().Should().Contain("the shard of 'a'").And.Contain("the name of a file in the same folder");
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"weight_map":[]}""")]
    [InlineData("""{"weight_map":{}}""")]
    [InlineData("""{"weight_map":{"a":1}}""")]
    [InlineData("""{"weight_map":{"a":"x","a":"x"}}""")]
    [InlineData("""{"weight_map":{"\ud800":"x"}}""")]
    [InlineData("""{"weight_map":{"a":"\ud800"}}""")]
    public void A_broken_index_is_refused(string json)
    {
        WriteIndex(json);

        Refused().Should().Contain(Checkpoint.IndexFileName).And.Contain("expected").And.Contain("found");
    }

    [Fact]
    public void A_folder_without_a_checkpoint_names_the_files_that_it_could_hold()
    {
        Refused().Should().Contain("expected one of model.safetensors, model.safetensors.index.json, pytorch_model.bin, "
            + "pytorch_model.bin.index.json, found none");
    }

    [Fact]
    public void A_path_that_does_not_exist_is_refused()
    {
        var open = () => Checkpoint.Open(_folder.File("none"));

        open.Should().Throw<CheckpointException>().WithMessage("*none*there is no such file*");
    }

    [Fact]
    public void An_unknown_key_is_refused()
    {
        Write(Checkpoint.FileName, ("a", 1));
        using var checkpoint = Checkpoint.Open(_folder.Path);

        var read = () => checkpoint.Read("b");

        read.Should().Throw<CheckpointException>().WithMessage("*no tensor 'b'*'a'*");
    }

    private void Write(string name, params (string Key, float Value)[] tensors) =>
        SafetensorsWriter.Write(_folder.File(name), tensors.ToDictionary(pair => pair.Key, pair => tensor(pair.Value)));

    private void WriteMap(params (string Key, string Shard)[] shards) => WriteIndex(JsonSerializer.Serialize(
        new { metadata = new { total_size = 12 }, weight_map = shards.ToDictionary(pair => pair.Key, pair => pair.Shard) }));

    private void WriteIndex(string json) => File.WriteAllText(_folder.File(Checkpoint.IndexFileName), json);

    private string Refused()
    {
        var open = () => Checkpoint.Open(_folder.Path);
        return open.Should().Throw<CheckpointException>().Which.Message;
    }
}

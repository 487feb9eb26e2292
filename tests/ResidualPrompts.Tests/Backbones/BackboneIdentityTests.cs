using System.Text.Json;
using ResidualPrompts.Backbones;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Backbones;

public sealed class BackboneIdentityTests : IDisposable
{
    private static readonly T5Config Config = TinyT5.Version10;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_stored_form_of_one_model_has_one_digest()
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(Config);
        var digest = DigestOf("whole", weights);
        DigestOf("bfloat16", Each(weights, tensor => tensor.to_type(ScalarType.BFloat16))).Should().Be(digest);
        DigestOf("float64", Each(weights, tensor => tensor.to_type(ScalarType.Float64))).Should().Be(digest);
        DigestOf("aliases", [.. weights, new("lm_head.weight", weights["shared.weight"]),
            new("encoder.embed_tokens.weight", weights["shared.weight"])]).Should().Be(digest);
        DigestOf("another name", [.. weights.Where(pair => pair.Key != "shared.weight"),
            new("decoder.embed_tokens.weight", weights["shared.weight"])]).Should().Be(digest);
        DigestOf("leftover", [.. weights, new("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight", ones(16, 4))])
            .Should().Be(digest);

        var shards = Directory.CreateDirectory(_folder.File("shards")).FullName;
        WriteConfig(shards);
        string[] names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
        foreach (var (name, part) in names.Zip([weights.Take(9), weights.Skip(9)]))
            SafetensorsWriter.Write(Path.Combine(shards, name), part.ToDictionary());
        File.WriteAllText(Path.Combine(shards, "model.safetensors.index.json"), JsonSerializer.Serialize(new
        {
            weight_map = weights.Keys.Select((key, i) => (key, names[i < 9 ? 0 : 1])).ToDictionary(),
        }));
        T5Folder.WeightsDigest(shards).Should().Be(digest);

        var pickled = Directory.CreateDirectory(_folder.File("pickled")).FullName;
        WriteConfig(pickled);
        StateDict(weights).Write(Path.Combine(pickled, "pytorch_model.bin"));
        T5Folder.WeightsDigest(pickled).Should().Be(digest);
    }

    [Fact]
    public void Another_value_name_or_shape_is_another_digest()
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(Config);
        var digest = DigestOf("whole", weights);
        var changed = Each(weights, tensor => tensor.clone());
        changed["decoder.final_layer_norm.weight"][19] += 0.1;
        DigestOf("value", changed).Should().NotBe(digest);
        var exchanged = Each(weights, tensor => tensor);
        (exchanged["encoder.final_layer_norm.weight"], exchanged["decoder.final_layer_norm.weight"]) = (weights["decoder.final_layer_norm.weight"],
            weights["encoder.final_layer_norm.weight"]);
        DigestOf("names", exchanged).Should().NotBe(digest);
        WeightDigest.Of(new Dictionary<string, Tensor> { ["a"] = zeros(2, 3) })
            .Should().NotBe(WeightDigest.Of(new Dictionary<string, Tensor> { ["a"] = zeros(3, 2) }));
    }

    [Fact]
    public void Few_weights_are_in_memory_at_once_while_a_digest_is_computed()
    {
        var made = new List<Tensor>();
        var most = 0;
        var sources = Enumerable.Range(0, 40).ToDictionary(i => $"{i}", i => new TensorSource(ScalarType.Float32, [50, 50], () =>
        {
            var weight = full([50, 50], i);
            lock (made)
            {
                made.Add(weight);
                most = Math.Max(most, made.Count(one => !one.IsInvalid));
            }

            return weight;
        }));
        var digest = WeightDigest.Of(sources);
        made.Should().HaveCount(40).And.OnlyContain(weight => weight.IsInvalid);
        most.Should().BeInRange(1, 4);
        using var scope = NewDisposeScope();
        digest.Should().Be(WeightDigest.Of(sources.ToDictionary(pair => pair.Key, pair => pair.Value.Make())));
    }

    [Fact]
    public void The_digest_of_the_bundled_model_is_what_another_program_computes_by_the_description() =>
        // A few lines of Python over docs/formats.md gave this.
        T5Folder.WeightsDigest(ResidualPrompts.Catalog.BundledModels.Locate(Path.Combine(Snapshot.Repository(), "assets", "models", "t5-nano")))
            .Should().Be("6507185760608490d1fd709e2671749e9845bd3586a2b3da3a2a28d760efa6a2");

    [Fact]
    public void Rounding_to_bfloat16_is_that_of_libtorch_and_every_NaN_is_one()
    {
        using var scope = NewDisposeScope();
        var random = new Random(3);
        uint[] special = [0, 0x8000_0000, 0x7F80_0000, 0xFF80_0000, 0x3F80_8000, 0x3F81_8000, 0x3F80_7FFF, 0x0000_8001, 0x7F7F_FFFF];
        uint[] bits = [.. special, .. Enumerable.Range(0, 5000).Select(_ => (uint)random.NextInt64(uint.MaxValue))];
        uint[] numbers = [.. bits.Where(bit => !float.IsNaN(BitConverter.UInt32BitsToSingle(bit)))];
        var rounded = new ushort[numbers.Length];
        Bfloat16.Round(numbers, rounded);
        var expected = tensor(numbers.Select(BitConverter.UInt32BitsToSingle).ToArray()).to_type(ScalarType.BFloat16);
        rounded.Should().Equal(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(expected.bytes).ToArray());

        uint[] notNumbers = [.. Enumerable.Repeat(0x7F80_0001u, 20), 0xFFFF_FFFF, 0x7FC0_0000];
        var canonical = new ushort[notNumbers.Length];
        Bfloat16.Round(notNumbers, canonical);
        canonical.Should().AllBeEquivalentTo((ushort)0x7FC0);
        Bfloat16.Canonicalize([0x7F81, 0xFFC0, 0x7F80, 0xFF80, 0x3F80], canonical);
        canonical[..5].Should().Equal(0x7FC0, 0x7FC0, 0x7F80, 0xFF80, 0x3F80);
    }

    [Fact]
    public void A_folder_of_the_hubs_cache_has_the_hubs_name_and_commit()
    {
        using var scope = NewDisposeScope();
        var folder = _folder.File("models--google--t5-base-lm-adapt", "snapshots", "0123abcd");
        Directory.CreateDirectory(folder);
        ModelFolder.Write(folder, Config, TinyT5.Weights(Config));
        var identity = BackboneIdentity.Of(folder, folder, Config.HiddenSize);
        (identity.Name, identity.Revision, identity.TokenizerDigest).Should().Be(("google/t5-base-lm-adapt", "0123abcd", null));
    }

    [Fact]
    public void What_differs_is_said_and_names_do_not_count()
    {
        var one = new BackboneIdentity("a", "1", "sha256:" + new string('a', 64), "sha256:" + new string('b', 64), 20);
        one.Differences(one with { Name = "b", Revision = null }).Should().BeEmpty();
        one.Differences(one with { TokenizerDigest = null }).Should().Equal("tokenizer sha256:bbbbbbbbbbbb…, found none");
        (one with { TokenizerDigest = null }).Differences(one).Should().BeEmpty(); // a prompt of ids does not care
        one.Differences(new BackboneIdentity("a", "1", "sha256:" + new string('c', 64), "sha256:" + new string('d', 64), 24)).Should().Equal(
            "hidden size 20, found 24", "weights sha256:aaaaaaaaaaaa…, found sha256:cccccccccccc…",
                "tokenizer sha256:bbbbbbbbbbbb…, found sha256:dddddddddddd…");
    }

    private static Dictionary<string, Tensor> Each(Dictionary<string, Tensor> weights, Func<Tensor, Tensor> change) =>
        weights.ToDictionary(pair => pair.Key, pair => change(pair.Value));

    private string DigestOf(string name, IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        var folder = Directory.CreateDirectory(_folder.File(name)).FullName;
        ModelFolder.Write(folder, Config, weights.ToDictionary());
        return T5Folder.WeightsDigest(folder);
    }

    /// <summary>Weights as torch.save(model.state_dict()) keeps them, the tied ones under each of their names.</summary>
    private static RawTorchFile StateDict(Dictionary<string, Tensor> weights)
    {
        var file = new RawTorchFile().Code('}').Code('(');
        foreach (var ((name, tensor), key) in weights.Append(new("lm_head.weight", weights["shared.weight"]))
            .Select((pair, i) => (pair, pair.Key == "lm_head.weight" ? "0" : $"{i}")))
        {
            long[] strides = [.. tensor.shape.Select((_, dimension) =>
                tensor.shape[(dimension + 1)..].Aggregate(1L, (product, size) => product * size))];
            file.Text(name).Tensor("FloatStorage", key, tensor.numel(), 0, tensor.shape, strides);
            if (name != "lm_head.weight")
                file.Data(key, tensor.bytes.ToArray());
        }

        return file.Code('u');
    }

    private static void WriteConfig(string folder) =>
        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(ModelFolder.Json(Config)));
}

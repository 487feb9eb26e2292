using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.T5;

/// <summary>
/// Whether decoder states are scaled and which matrix is the output layer, in every form in which transformers 4 and 5 save a model. What each
/// version reads from a folder is written here once more, from its own code.
/// </summary>
public sealed class OutputLayerTests : IDisposable
{
    private const string Head = "lm_head.weight";
    private const string Shared = "shared.weight";
    private static readonly T5Config Tiny = TinyT5.Version10;
    private static readonly double Scale = Math.Pow(Tiny.HiddenSize, -0.5);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A folder: the values of the two keys as JSON (null = absent), and the stored head.</summary>
    internal sealed record Form(string Family, string? Tie, string? Scale, string StoredHead)
    {
        internal bool IsScaled => Family == "t5" && (Scale ?? (Tie == "false" ? "false" : "true")) == "true";

        internal bool HasOtherHead => StoredHead == "other";
    }

    private static IEnumerable<Form> Forms =>
        from family in new[] { "t5", "mt5" }
        from tie in new[] { null, "true", "false" }
        from scale in new[] { null, "true", "false" }
        from head in new[] { "none", "equal", "other" }
        select new Form(family, tie, scale, head);

    [Fact]
    public void Every_form_computes_what_its_keys_and_its_head_say_on_every_path()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var weights = TinyT5.Weights(Tiny);
        var states = randn([5, Tiny.HiddenSize], generator: new Generator(7, CPU));
        foreach (var form in Forms)
        {
            var folder = Write(form, weights);
            var matrix = form.HasOtherHead ? Other(weights) : weights[Shared];
            var expected = (form.IsScaled ? states * Scale : states).matmul(matrix.t());
            using var trainable = T5Model.Load(folder);
            TensorAssert.Close(trainable.Logits(states), expected, 1e-5, $"{form}");
            foreach (var (compute, int8) in new[] { (ComputePolicy.LibTorch, false), (ComputePolicy.Auto, false), (ComputePolicy.Auto, true) })
            {
                if (int8 && ComputeChoice.Int8Kernel is null)
                    continue;
                var computation = new T5Computation { Kernels = ComputeChoice.Kernels(compute), Int8 = int8 };
                using var frozen = T5Model.LoadFrozen(folder, computation, usesCache: false);
                TensorAssert.Close(frozen.Logits(states), expected, 1e-5, $"{form} {compute} {int8}");
            }
        }
    }

    [Fact]
    public void Forms_have_one_digest_exactly_if_they_compute_the_same()
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(Tiny);
        var digests = Forms.ToLookup(form => (form.IsScaled, form.HasOtherHead), form => T5Folder.WeightsDigest(Write(form, weights)));
        digests.Count.Should().Be(4);
        foreach (var group in digests)
            group.Distinct().Should().ContainSingle($"{group.Key}");
        digests.Select(group => group.First()).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void Digests_of_models_that_were_always_read_rightly_stay()
    {
        using var scope = NewDisposeScope();
        var (tied, untied) = (TinyT5.Weights(TinyT5.Version10), TinyT5.Weights(TinyT5.Version11));
        Digest(TinyT5.Version10, tied).Should().Be("42e7d9c3fec7a5cc9ab297714093085c61515d4e5dca43fbc0e93168cced2f4d");
        tied[Head] = tied[Shared];
        Digest(TinyT5.Version10, tied).Should().Be("42e7d9c3fec7a5cc9ab297714093085c61515d4e5dca43fbc0e93168cced2f4d");
        Digest(TinyT5.Version11, untied).Should().Be("9cc296a5a519f88d41aca2db5dd3675d16d3bd7d8104e9299d48fb8784e6ed4b");
        untied[Head] = untied[Shared];
        Digest(TinyT5.Version11, untied).Should().Be("decb8de43735c6312f2b861aefaba4781f2684b41be4a3182dbff60f48246cc9");

        string Digest(T5Config config, Dictionary<string, Tensor> weights)
        {
            ModelFolder.Write(_folder.Path, config, weights);
            return T5Folder.WeightsDigest(_folder.Path);
        }
    }

    [Fact]
    public void A_head_in_another_type_with_equal_values_is_the_embedding_matrix()
    {
        using var scope = NewDisposeScope();
        var weights = TinyT5.Weights(Tiny);
        weights[Shared] = weights[Shared].to_type(ScalarType.BFloat16);
        weights[Shared][3] = float.NaN; // a NaN equals a NaN
        ModelFolder.Write(_folder.Path, Tiny, weights);
        var digest = T5Folder.WeightsDigest(_folder.Path);
        foreach (var type in new[] { ScalarType.Float32, ScalarType.Float64, ScalarType.BFloat16 })
        {
            foreach (var alias in new[] { Head, "encoder.embed_tokens.weight", "decoder.embed_tokens.weight" })
            {
                ModelFolder.Write(_folder.Path, Tiny, new Dictionary<string, Tensor>(weights) { [alias] = weights[Shared].to_type(type) });
                using var model = T5Model.Load(_folder.Path);
                model.Config.TiedEmbeddings.Should().BeTrue();
                model.Weights.Should().NotContainKey(alias);
                T5Folder.WeightsDigest(_folder.Path).Should().Be(digest);
            }
        }

        var nearly = weights[Shared].to_type(ScalarType.Float32);
        nearly[95, 19] += 1e-6;
        ModelFolder.Write(_folder.Path, Tiny, new Dictionary<string, Tensor>(weights) { [Head] = nearly });
        T5Folder.WeightsDigest(_folder.Path).Should().NotBe(digest);
        ModelFolder.Write(_folder.Path, Tiny, new Dictionary<string, Tensor>(weights) { ["decoder.embed_tokens.weight"] = nearly });
        FluentActions.Invoking(() => T5Model.Load(_folder.Path)).Should().Throw<CheckpointException>().WithMessage("*different*");
    }

    [Fact]
    public void A_saved_model_is_the_same_to_both_versions_of_transformers_and_to_us()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var weights = TinyT5.Weights(Tiny);
        var states = randn([5, Tiny.HiddenSize], generator: new Generator(7, CPU));
        foreach (var form in Forms.Concat(Forms.Where(form => form.Tie == "true").Select(form => form with { Tie = "null" })))
        {
            var source = Write(form, weights);
            using var model = T5Model.Load(source);
            var saved = Directory.CreateDirectory(_folder.File("saved")).FullName;
            T5Folder.Write(saved, model, source);
            T5Folder.WeightsDigest(saved).Should().Be(T5Folder.WeightsDigest(source), $"{form}");
            var expected = model.Logits(states);
            using var loaded = T5Model.Load(saved);
            TensorAssert.Close(loaded.Logits(states), expected, 1e-5, $"{form}");
            TensorAssert.Close(OfVersion4(saved, states), expected, 1e-5, $"{form} by transformers 4");
            TensorAssert.Close(OfVersion5(saved, states), expected, 1e-5, $"{form} by transformers 5");
            var again = Directory.CreateDirectory(_folder.File("again")).FullName;
            T5Folder.Write(again, loaded, saved);
            File.ReadAllBytes(Path.Combine(again, "model.safetensors")).Should().Equal(File.ReadAllBytes(Path.Combine(saved, "model.safetensors")));
            File.ReadAllText(Path.Combine(again, "config.json")).Should().Be(File.ReadAllText(Path.Combine(saved, "config.json")));
        }
    }

    [Fact]
    public void A_config_that_says_nothing_new_is_saved_as_it_was()
    {
        using var scope = NewDisposeScope();
        var source = Write(new Form("t5", null, null, "none"), TinyT5.Weights(Tiny));
        using var model = T5Model.Load(source);
        var saved = Directory.CreateDirectory(_folder.File("saved")).FullName;
        T5Folder.Write(saved, model, source);
        JsonNode.DeepEquals(Json(saved), Json(source)).Should().BeTrue();
    }

    /// <summary>T5ForConditionalGeneration of version 4: the flag decides both, and a stored head is overwritten where it is set.</summary>
    private static Tensor OfVersion4(string folder, Tensor states)
    {
        var (json, weights) = (Json(folder), Stored(folder));
        var isTied = json["tie_word_embeddings"] is JsonValue tie ? tie.GetValue<bool>() : json["model_type"]!.GetValue<string>() == "t5";
        return isTied ? (states * Scale).matmul(weights[Shared].t()) : states.matmul(weights[Head].t());
    }

    /// <summary>Version 5: a key of its own, set from the flag where it is absent; a stored head is not tied.</summary>
    private static Tensor OfVersion5(string folder, Tensor states)
    {
        var (json, weights) = (Json(folder), Stored(folder));
        var scales = json["model_type"]!.GetValue<string>() == "t5"
            && (json["scale_decoder_outputs"] is JsonValue key ? key.GetValue<bool>()
                : !json.ContainsKey("tie_word_embeddings") || (json["tie_word_embeddings"] is JsonValue tie && tie.GetValue<bool>()));
        return (scales ? states * Scale : states).matmul(weights.GetValueOrDefault(Head, weights[Shared]).t());
    }

    private static JsonObject Json(string folder) => JsonNode.Parse(File.ReadAllBytes(Path.Combine(folder, "config.json")))!.AsObject();

    private static Dictionary<string, Tensor> Stored(string folder)
    {
        using var file = SafetensorsFile.Open(Path.Combine(folder, "model.safetensors"));
        return file.Entries.Keys.ToDictionary(key => key, key => file.Read(key));
    }

    private static Tensor Other(Dictionary<string, Tensor> weights) => (weights[Shared] * 0.5) + 0.25;

    private string Write(Form form, Dictionary<string, Tensor> weights)
    {
        var folder = Directory.CreateDirectory(_folder.File("model")).FullName;
        var stored = new Dictionary<string, Tensor>(weights);
        if (form.StoredHead != "none")
            stored[Head] = form.HasOtherHead ? Other(weights) : weights[Shared];
        ModelFolder.Write(folder, Tiny, stored);
        var json = ModelFolder.Json(Tiny);
        json["model_type"] = form.Family;
        json.Remove("tie_word_embeddings");
        foreach (var (key, value) in new[] { ("tie_word_embeddings", form.Tie), ("scale_decoder_outputs", form.Scale) })
        {
            if (value is not null)
                json[key] = JsonDocument.Parse(value).RootElement;
        }

        File.WriteAllText(Path.Combine(folder, "config.json"), JsonSerializer.Serialize(json));
        return folder;
    }
}

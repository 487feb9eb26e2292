using ResidualPrompts.Models.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests.Models.Weights;

/// <summary>
/// Files written by Python's safetensors (through transformers and PEFT) and by NumPy. The expected numbers were computed from the files'
/// bytes with Python's standard library (json, struct), sums in float64.
/// </summary>
public sealed class PythonFilesTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData("Golden/t5/v11/model.safetensors", "shared.weight", 0.9053352475166321, -0.6800798773765564, -6.45513314593336)]
    [InlineData(
        "Golden/t5/v11/model.safetensors", "decoder.block.0.layer.0.SelfAttention.o.weight", 0.38706597685813904, -0.14375686645507812,
            -8.629385904641822)]
    [InlineData("Golden/t5/peft/prompt_tuning_1/adapter_model.safetensors", "prompt_embeddings", -0.2780001163482666, -1.0010106563568115,
        1.1855171145871282)]
    [InlineData("Golden/t5/peft/prompt_tuning_1/expected.safetensors", "loss", 5.941902160644531, 5.941902160644531, 5.941902160644531)]
    [InlineData("assets/models/t5-nano/model.safetensors", "shared.weight", 1.3203125, -55.75, 1631419.9134699702)]
    [InlineData(
        "assets/models/t5-nano/model.safetensors", "decoder.block.0.layer.0.SelfAttention.k.weight", 0.059814453125, 0.1591796875,
            -19.13228766620159)]
    public void Tensors_have_the_first_and_last_element_and_the_sum_that_Python_sees(string path, string key, double first, double last, double sum)
    {
        using var file = SafetensorsFile.Open(Golden(path));

        var values = file.Read(key);

        values.dtype.Should().Be(ScalarType.Float32);
        var elements = values.data<float>().ToArray();
        elements[0].Should().Be((float)first);
        elements[^1].Should().Be((float)last);
        elements.Sum(value => (double)value).Should().BeApproximately(sum, 1e-9 * Math.Max(1, Math.Abs(sum)));
    }

    [Fact]
    public void A_transformers_checkpoint_has_its_keys_shapes_and_metadata()
    {
        using var checkpoint = Checkpoint.Open(Golden("Golden/t5/v11"));
        using var file = SafetensorsFile.Open(Golden("Golden/t5/v11/model.safetensors"));

        checkpoint.Entries.Should().HaveCount(52);
        checkpoint.Entries["decoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight"].Shape.Should().Equal(32, 4);
        file.Metadata.Should().Equal(new Dictionary<string, string> { ["format"] = "pt" });
    }

    [Fact]
    public void The_bundled_model_is_stored_in_bfloat16()
    {
        using var checkpoint = Checkpoint.Open(Golden("assets/models/t5-nano"));

        checkpoint.Entries.Should().HaveCount(63);
        checkpoint.Entries.Values.Should().OnlyContain(entry => entry.ElementType == ScalarType.BFloat16);
        checkpoint.Read("shared.weight", floatingType: null).dtype.Should().Be(ScalarType.BFloat16);
    }

    [Fact]
    public void A_file_without_metadata_is_read()
    {
        using var file = SafetensorsFile.Open(Golden("Golden/t5/peft/prompt_tuning_1/expected.safetensors"));

        file.Metadata.Should().BeEmpty();
        file.Read("loss").shape.Should().BeEmpty();
    }

    [Fact]
    public void Our_own_writing_of_a_Python_file_has_the_same_data_bytes()
    {
        var path = Golden("Golden/t5/v11/model.safetensors");
        using var file = SafetensorsFile.Open(path);
        var copy = Path.Combine(Directory.CreateTempSubdirectory("residual-prompts-test-").FullName, "copy.safetensors");
        try
        {
            SafetensorsWriter.Write(copy, file.Entries.Keys.ToDictionary(key => key, key => file.Read(key)));

            // All float32, so the order, by name, is that of the Python library too.
            File.ReadAllBytes(copy).Should().Equal(File.ReadAllBytes(path));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        }
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("float64")]
    [InlineData("float16")]
    [InlineData("version2")]
    [InlineData("version3")]
    public void NumPy_arrays_are_read(string name)
    {
        var read = NpyFile.Read(Golden($"Golden/npy/{name}.npy"));

        read.shape.Should().Equal(3, 4);
        read.data<float>().ToArray().Should().Equal(Enumerable.Range(0, 12).Select(index => (index / 8f) - 0.5f));
    }

    [Fact]
    public void NumPy_scalars_vectors_and_empty_arrays_are_read()
    {
        NpyFile.Read(Golden("Golden/npy/scalar.npy")).item<float>().Should().Be(2.5f);
        NpyFile.Read(Golden("Golden/npy/vector.npy")).shape.Should().Equal(4);
        NpyFile.Read(Golden("Golden/npy/empty.npy")).shape.Should().Equal(0, 4);
    }

    [Theory]
    [InlineData("fortran", "numpy.ascontiguousarray")]
    [InlineData("big_endian", "big-endian '>f4'")]
    [InlineData("object", "pickles and never read")]
    [InlineData("int64", "'<i8'")]
    [InlineData("complex", "'<c8'")]
    [InlineData("structured", "a string in quotes")]
    public void Other_NumPy_arrays_are_refused(string name, string message)
    {
        var read = () => NpyFile.Read(Golden($"Golden/npy/{name}.npy"));

        read.Should().Throw<NpyException>().Which.Message.Should().Contain(message);
    }

    [Theory]
    [InlineData("float32")]
    [InlineData("scalar")]
    [InlineData("vector")]
    [InlineData("empty")]
    public void Our_own_writing_of_a_NumPy_file_has_the_same_bytes(string name)
    {
        var path = Golden($"Golden/npy/{name}.npy");
        var copy = Path.Combine(Directory.CreateTempSubdirectory("residual-prompts-test-").FullName, "copy.npy");
        try
        {
            NpyFile.Write(copy, NpyFile.Read(path));

            File.ReadAllBytes(copy).Should().Equal(File.ReadAllBytes(path));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        }
    }

    private static string Golden(string path) => Path.Combine(AppContext.BaseDirectory, path);
}

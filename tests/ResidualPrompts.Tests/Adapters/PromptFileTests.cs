using ResidualPrompts.Adapters;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Models.Weights.TorchFiles;
using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Adapters;

public sealed class PromptFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<PromptFormat, PromptFormat> Pairs =>
        [.. Enum.GetValues<PromptFormat>().SelectMany(from => Enum.GetValues<PromptFormat>().Select(to => (from, to)))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Every_format_goes_into_every_other_and_back_with_the_same_bits(PromptFormat from, PromptFormat to)
    {
        using var scope = NewDisposeScope();
        using var prompt = Rows(6);
        var first = Write("first", from, prompt);
        using var read = PromptFile.Read(first);
        var second = Write("second", to, read);
        using var converted = PromptFile.Read(second);
        var third = Write("third", from, converted);
        TensorAssert.Equal(converted.Forward(), prompt.Forward());
        foreach (var name in from == PromptFormat.Peft ? new[] { "adapter_model.safetensors", "adapter_config.json" } : [""])
            File.ReadAllBytes(Path.Combine(third, name)).Should().Equal(File.ReadAllBytes(Path.Combine(first, name)));
    }

    [Fact]
    public void What_TGIS_would_refuse_is_not_written()
    {
        using var odd = Rows(5);
        FluentActions.Invoking(() => Write("odd", PromptFormat.Tgis, odd)).Should().Throw<AdapterException>().WithMessage("*even length*5 rows*");
        _folder.FileNames().Should().BeEmpty();
    }

    [Theory]
    [InlineData(PromptFormat.Peft)]
    [InlineData(PromptFormat.Npy)]
    [InlineData(PromptFormat.Safetensors)]
    [InlineData(PromptFormat.Tgis)]
    public void Rows_that_are_no_numbers_are_written_nowhere(PromptFormat format)
    {
        using var scope = NewDisposeScope();
        using var broken = new PlainPrompt(zeros(4, 3).index_fill(0, tensor(2L), float.PositiveInfinity));
        FluentActions.Invoking(() => Write("broken", format, broken)).Should().Throw<AdapterException>().WithMessage("*row 2*NaN or infinity*");
    }

    [Fact]
    public void Files_are_known_by_the_names_that_other_programs_give_them()
    {
        using var scope = NewDisposeScope();
        using var prompt = Rows(4);
        NpyFile.Write(_folder.File("encoder.prompt.prompt.prompt"), prompt.Forward());
        Reads(_folder.File("encoder.prompt.prompt.prompt"), prompt);
        Reads(_folder.Path, prompt); // a checkpoint's directory
        File.Delete(_folder.File("encoder.prompt.prompt.prompt"));
        PromptFile.Write(_folder.File("encoder.pt"), PromptFormat.Tgis, prompt);
        Reads(_folder.Path, prompt); // a prompt's directory of TGIS
        SafetensorsWriter.Write(_folder.File("other.safetensors"),
            new Dictionary<string, Tensor> { ["soft_prompt"] = prompt.Forward(), ["step"] = tensor(7L) });
        Reads(_folder.File("other.safetensors"), prompt);
        SafetensorsWriter.Write(_folder.File("two.safetensors"),
            new Dictionary<string, Tensor> { ["prompt.a"] = prompt.Forward(), ["prompt.b"] = prompt.Forward() });
        FluentActions.Invoking(() => PromptFile.Read(_folder.File("two.safetensors"))).Should().Throw<AdapterException>()
            .WithMessage("*prompt_embeddings*prompt.a, prompt.b*");
        File.Move(_folder.File("encoder.pt"), _folder.File("decoder.pt"));
        FluentActions.Invoking(() => PromptFile.Read(_folder.Path)).Should().Throw<AdapterException>().WithMessage("*decoder.pt only*");
    }

    [Fact]
    public void Only_the_first_rows_of_an_adapter_with_two_submodules_count()
    {
        using var scope = NewDisposeScope();
        using var twice = Rows(8);
        using var half = new PlainPrompt(twice.Forward().narrow(0, 0, 4).clone());
        PeftAdapter.Write(_folder.Path, half);
        SafetensorsWriter.Write(_folder.File("adapter_model.safetensors"),
            new Dictionary<string, Tensor> { ["prompt_embeddings"] = twice.Forward() });
        Reads(_folder.Path, half);
        SafetensorsWriter.Write(_folder.File("adapter_model.safetensors"),
            new Dictionary<string, Tensor> { ["prompt_embeddings"] = twice.Forward().narrow(0, 0, 6) });
        FluentActions.Invoking(() => PromptFile.Read(_folder.Path)).Should().Throw<AdapterException>()
            .WithMessage("*num_virtual_tokens is 4*[6, 5]*");
    }

    [Fact]
    public void An_adapter_of_an_older_PEFT_is_a_pickle_and_is_read()
    {
        using var scope = NewDisposeScope();
        using var prompt = Rows(4);
        PeftAdapter.Write(_folder.Path, prompt);
        File.Delete(_folder.File("adapter_model.safetensors"));
        TorchTensorWriter.Write(_folder.File("adapter_model.bin"), prompt.Forward());
        Reads(_folder.Path, prompt);
    }

    [Fact]
    public void What_torch_saved_is_described_as_torch_describes_it()
    {
        using var scope = NewDisposeScope();
        using var prompt = Rows(4);
        PromptFile.Write(_folder.File("encoder.pt"), PromptFormat.Tgis, prompt);
        using var file = TorchFile.Open(_folder.File("encoder.pt"));
        var root = file.Root!;
        (root.Offset, root.Storage.ElementType, root.Storage.Count).Should().Be((0, ScalarType.Float32, 20));
        root.Shape.Should().Equal(4, 5);
        root.Strides.Should().Equal(5, 1);
    }

    private static void Reads(string path, PlainPrompt expected)
    {
        using var read = PromptFile.Read(path);
        TensorAssert.Equal(read.Forward(), expected.Forward());
    }

    private static PlainPrompt Rows(int count)
    {
        using var generator = new Generator(5, CPU);
        return new PlainPrompt(randn([count, 5], generator: generator) * 100);
    }

    private string Write(string name, PromptFormat format, PlainPrompt prompt)
    {
        var path = _folder.File(name + format switch
        {
            PromptFormat.Peft => "",
            PromptFormat.Npy => ".npy",
            PromptFormat.Safetensors =>
            ".safetensors",
            _ => ".pt"
        });
        if (format == PromptFormat.Peft)
            Directory.CreateDirectory(path);
        PromptFile.Write(path, format, prompt);
        return path;
    }
}

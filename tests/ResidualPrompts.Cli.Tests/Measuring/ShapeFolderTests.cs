using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Models.T5;
using TemporaryFolder = ResidualPrompts.Testing.TemporaryFolder;

namespace ResidualPrompts.Cli.Tests.Measuring;

public sealed class ShapeFolderTests
{
    // Millions of parameters of the published checkpoints.
    [Theory]
    [InlineData("t5-small", 60.5)]
    [InlineData("t5-base", 222.9)]
    [InlineData("t5-large", 737.7)]
    [InlineData("t5-3b", 2851.6)]
    [InlineData("t5-11b", 11307.3)]
    [InlineData("t5-v1_1-small", 77.0)]
    [InlineData("t5-v1_1-base", 247.6)]
    [InlineData("t5-v1_1-large", 783.2)]
    public void A_shape_has_the_parameters_that_were_published(string name, double millions)
    {
        var count = T5Model.WeightShapes(ModelShapes.Find(name)).Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size));
        (count / 1e6).Should().BeApproximately(millions, 0.1);
    }

    [Fact]
    public void The_shape_of_the_bundled_model_is_that_of_its_config()
    {
        var bundled = T5Config.Load(Catalog.BundledModels.Locate("t5-nano"));
        ModelShapes.Find("shape:t5-nano").Should().Be(bundled with { DropoutRate = 0.1 });
    }

    [Fact]
    public void An_unknown_shape_is_refused_with_the_names_there_are() =>
        FluentActions.Invoking(() => ModelShapes.Find("shape:t5-huge")).Should().Throw<InputException>().WithMessage("*t5-huge*t5-base*");

    [Theory]
    [InlineData(nameof(FeedForwardKind.Relu))]
    [InlineData(nameof(FeedForwardKind.GatedGelu))]
    public void A_folder_loads_with_a_tokenizer_that_fits_and_cuts_text_as_the_bundled_one(string kind)
    {
        var config = ModelShapes.Find("t5-nano") with
        {
            FeedForward = Enum.Parse<FeedForwardKind>(kind),
            TiedEmbeddings = kind == nameof(FeedForwardKind.Relu),
            VocabularySize = 9000,
            EncoderLayerCount = 1,
            DecoderLayerCount = 1,
        };
        using var folder = new TemporaryFolder();
        ShapeFolder.Write(folder.Path, config, seed: 1);
        using var made = Backbone.Load(folder.Path);
        made.Model.Config.Should().Be(config);
        made.Tokenizer.VocabularySize.Should().Be(9000);
        using var bundled = ModelCatalog.Load("t5-nano");
        made.Tokenizer.Encode("an <unused 7> charming film").Should().Equal(bundled.Tokenizer.Encode("an <unused 7> charming film"));
    }

    [Fact]
    public void One_seed_gives_one_model_and_gains_are_not_all_1()
    {
        var config = ModelShapes.Find("t5-nano") with { EncoderLayerCount = 1, DecoderLayerCount = 1 };
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        using var third = new TemporaryFolder();
        ShapeFolder.Write(first.Path, config, seed: 5);
        ShapeFolder.Write(second.Path, config, seed: 5);
        ShapeFolder.Write(third.Path, config, seed: 6);
        static byte[] Weights(TemporaryFolder folder) => File.ReadAllBytes(folder.File("model.safetensors"));
        Weights(first).Should().Equal(Weights(second));
        Weights(first).AsSpan().SequenceEqual(Weights(third)).Should().BeFalse();
        using var model = T5Model.Load(first.Path);
        var gain = model.Weights["encoder.block.0.layer.0.layer_norm.weight"].data<float>().ToArray();
        (gain.Max() - gain.Min()).Should().BeGreaterThan(0.2f);
    }
}

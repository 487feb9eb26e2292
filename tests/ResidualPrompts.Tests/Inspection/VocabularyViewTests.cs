using ResidualPrompts.Backbones;
using ResidualPrompts.Inspection;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Inspection;

public sealed class VocabularyViewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Backbone _backbone;
    private readonly VocabularyView _view;

    public VocabularyViewTests()
    {
        using var scope = NewDisposeScope();
        ModelFolder.Write(_folder.Path, TinyT5.Version10, TinyT5.Weights(TinyT5.Version10));
        _backbone = Backbone.Load(_folder.Path);
        _view = new VocabularyView(_backbone);
    }

    public void Dispose()
    {
        _view.Dispose();
        _backbone.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_row_of_the_vocabulary_is_nearest_to_itself_and_its_double_in_direction()
    {
        using var scope = NewDisposeScope();
        var rows = stack([Embedding[17].clone(), Embedding[17] * 2]);
        var inspected = _view.Inspect(rows, rows, 3);
        (inspected[0].NearestByCosine[0].Id, inspected[0].NearestByDistance[0].Id, inspected[1].NearestByCosine[0].Id).Should().Be((17, 17, 17));
        inspected[0].NearestByDistance[0].Value.Should().Be(0);
        inspected[1].NearestByCosine[0].Value.Should().BeApproximately(1, 1e-6);
        inspected[1].NearestByDistance.Single(piece => piece.Id == 17).Value.Should().BeApproximately(inspected[0].Length, 1e-4);
        inspected.Should().OnlyContain(row => row.Moved == 0 && Math.Abs(row.CosineWithStart!.Value - 1) < 1e-6);
    }

    [Fact]
    public void Nearest_pieces_are_those_that_loops_over_the_vocabulary_find()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var rows = randn([5, 20], generator: generator);
        var inspected = _view.Inspect(rows, null, 4);
        var pieces = Embedding.data<float>().ToArray().Chunk(20).ToArray();
        foreach (var (row, found) in rows.data<float>().ToArray().Chunk(20).Zip(inspected))
        {
            double Distance(float[] piece) => Math.Sqrt(piece.Zip(row, (a, b) => ((double)a - b) * (a - b)).Sum());
            double Cosine(float[] piece) => piece.Zip(row, (a, b) => (double)a * b)
                .Sum() / Math.Sqrt(piece.Sum(a => (double)a * a) * row.Sum(b => (double)b * b));
            var near = Enumerable.Range(0, pieces.Length).OrderBy(id => Distance(pieces[id])).Take(4).ToArray();
            var alike = Enumerable.Range(0, pieces.Length).OrderByDescending(id => Cosine(pieces[id])).Take(4).ToArray();
            found.NearestByDistance.Select(piece => piece.Id).Should().Equal(near);
            found.NearestByCosine.Select(piece => piece.Id).Should().Equal(alike);
            found.NearestByDistance.Select(piece => piece.Value).Zip(near.Select(id => Distance(pieces[id])))
                .Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-4);
            found.Moved.Should().BeNull();
        }

        var lengths = pieces.Select(piece => Math.Sqrt(piece.Sum(a => (double)a * a))).ToArray();
        _view.Lengths.PieceCount.Should().Be(96);
        new[] { _view.Lengths.Mean - lengths.Average(), _view.Lengths.Smallest - lengths.Min(), _view.Lengths.Largest - lengths.Max() }.Should()
            .OnlyContain(difference => Math.Abs(difference) < 1e-5);
    }

    [Fact]
    public void Similarity_of_prompts_is_symmetric_and_counts_every_pair_of_rows()
    {
        using var scope = NewDisposeScope();
        var first = tensor(new float[,] { { 1, 0 }, { 0, 2 } });
        var second = tensor(new float[,] { { 3, 3 } });
        var opposite = -second;
        Tensor[] prompts = [first, second, opposite];
        var half = Math.Sqrt(0.5);
        PromptSimilarity.OfRows(prompts)[0, 1].Should().Be(0);
        PromptSimilarity.OfRows(prompts)[3, 0].Should().BeApproximately(-half, 1e-9);
        var means = PromptSimilarity.OfMeans(prompts);
        means[0, 1].Should().BeApproximately(3 / Math.Sqrt(10), 1e-9); // (1/2, 1) and (1, 1)
        means[1, 2].Should().BeApproximately(-1, 1e-9);
        var pairs = PromptSimilarity.OfPairs(prompts);
        (pairs[0, 0], pairs[1, 0]).Should().Be((pairs[0, 0], pairs[0, 1]));
        pairs[0, 0].Should().BeApproximately(0.5, 1e-9);
        pairs[0, 1].Should().BeApproximately(half, 1e-9);
    }

    private Tensor Embedding => _backbone.Model.Weights["shared.weight"];
}

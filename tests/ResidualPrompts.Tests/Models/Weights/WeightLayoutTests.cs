using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.Weights;

public sealed class WeightLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string File => _folder.File(Checkpoint.FileName);

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_checkpoint_that_fits_is_loaded_under_the_expected_keys()
    {
        Write(("a", ones(2, 3)), ("b", zeros(4).to_type(ScalarType.BFloat16)));

        using var checkpoint = Checkpoint.Open(_folder.Path);
        var weights = new WeightLayout(new Dictionary<string, long[]> { ["a"] = [2, 3], ["b"] = [4] }).Load(checkpoint);

        weights.Keys.Should().BeEquivalentTo("a", "b");
        weights["a"].shape.Should().Equal(2, 3);
        weights["b"].dtype.Should().Be(ScalarType.Float32);
    }

    [Fact]
    public void Everything_that_does_not_fit_is_in_one_message()
    {
        Write(("shape", ones(3, 2)), ("rank", ones(4)), ("kind", ones(2, dtype: ScalarType.Int64)), ("extra", ones(5)), ("fits", ones(1)));

        RefusedFor(new() { ["shape"] = [2, 3], ["rank"] = [4, 1], ["kind"] = [2], ["fits"] = [1], ["m2"] = [7], ["m1"] = [] }).Should().Be(
            $"""
            The checkpoint '{_folder.Path}' does not fit the model:
              missing (2): 'm1' [], 'm2' [7]
              unexpected (1): 'extra' [5]
              misshapen (3): 'kind' expected [2], found [2] of I64, not floating-point, 'rank' expected [4, 1], found [4], 'shape' expected [2, 3], found [3, 2]
            Use the config.json that belongs to this checkpoint.
            """.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Long_lists_are_cut_and_counted()
    {
        Write();

        RefusedFor(Enumerable.Range(0, 30).ToDictionary(index => $"k{index:00}", _ => new long[] { 1 })).Should()
            .Contain("missing (30): 'k00' [1], 'k01' [1], 'k02' [1], 'k03' [1], 'k04' [1], 'k05' [1], 'k06' [1], 'k07' [1] and 22 more\n")
            .And.NotContain("unexpected").And.NotContain("misshapen");
    }

    [Fact]
    public void Keys_differ_by_case()
    {
        Write(("A", ones(1)));

        RefusedFor(new() { ["a"] = [1] }).Should().Contain("missing (1): 'a'").And.Contain("unexpected (1): 'A'");
    }

    [Fact]
    public void Ignored_keys_may_be_present_or_absent()
    {
        var layout = new WeightLayout(new Dictionary<string, long[]> { ["a"] = [1] }) { IgnoredKeys = new HashSet<string> { "x", "y" } };
        Write(("a", ones(1)), ("x", ones(9)));

        using var checkpoint = Checkpoint.Open(_folder.Path);

        layout.Load(checkpoint).Keys.Should().Equal("a");
    }

    [Theory]
    [InlineData("shared")]
    [InlineData("encoder")]
    [InlineData("decoder")]
    [InlineData("shared", "encoder", "decoder")]
    [InlineData("encoder", "decoder")]
    public void A_tied_weight_may_be_stored_under_any_of_its_names(params string[] stored)
    {
        Write([.. stored.Select(key => (key, full(2, 2, float.NaN)))]);

        using var checkpoint = Checkpoint.Open(_folder.Path);
        var weights = Tied.Load(checkpoint);

        weights.Keys.Should().Equal("shared");
        weights["shared"].isnan().all().item<bool>().Should().BeTrue();
    }

    [Fact]
    public void A_tied_weight_stored_twice_with_different_contents_is_refused_with_both_names()
    {
        var different = ones(2, 2);
        different[1, 1] = 1.0000001f;
        Write(("shared", ones(2, 2)), ("decoder", different));

        Refused(Tied).Should().Contain("'shared' twice, as 'shared' and as 'decoder'").And.Contain(_folder.Path);
    }

    [Fact]
    public void Two_aliases_are_compared_when_the_key_itself_is_absent()
    {
        Write(("encoder", ones(2, 2)), ("decoder", zeros(2, 2)));

        Refused(Tied).Should().Contain("as 'decoder' and as 'encoder'");
    }

    [Fact]
    public void A_tied_weight_stored_in_two_types_is_refused()
    {
        Write(("shared", ones(2, 2)), ("encoder", ones(2, 2).to_type(ScalarType.BFloat16)));

        Refused(Tied).Should().Contain("as 'shared' and as 'encoder'");
    }

    [Fact]
    public void An_alias_of_another_shape_is_misshapen()
    {
        Write(("shared", ones(2, 2)), ("encoder", ones(3, 2)));

        Refused(Tied).Should().Contain("misshapen (1): 'encoder' expected [2, 2], found [3, 2]");
    }

    [Fact]
    public void Checking_alone_finds_the_same()
    {
        Write(("other", ones(2, 2)));
        using var checkpoint = Checkpoint.Open(_folder.Path);

        var check = () => Tied.Check(checkpoint);

        check.Should().Throw<CheckpointException>().WithMessage("*missing (1): 'shared'*unexpected (1): 'other'*");
    }

    [Fact]
    public void Loaded_weights_outlive_the_checkpoint()
    {
        Write(("shared", full(2, 2, 3f)));
        IReadOnlyDictionary<string, Tensor> weights;
        using (var checkpoint = Checkpoint.Open(_folder.Path))
        {
            weights = Tied.Load(checkpoint);
        }

        weights["shared"].data<float>().ToArray().Should().Equal(3, 3, 3, 3);
    }

    private static WeightLayout Tied => new(new Dictionary<string, long[]> { ["shared"] = [2, 2] })
    {
        Aliases = new Dictionary<string, string> { ["encoder"] = "shared", ["decoder"] = "shared" },
    };

    private void Write(params (string Key, Tensor Tensor)[] tensors) =>
        SafetensorsWriter.Write(File, tensors.ToDictionary(pair => pair.Key, pair => pair.Tensor));

    private string RefusedFor(Dictionary<string, long[]> shapes) => Refused(new WeightLayout(shapes));

    private string Refused(WeightLayout layout)
    {
        using var checkpoint = Checkpoint.Open(_folder.Path);
        var load = () => layout.Load(checkpoint);
        return load.Should().Throw<CheckpointException>().Which.Message;
    }
}

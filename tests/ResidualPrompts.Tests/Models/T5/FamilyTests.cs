using System.Text.Json;
using ResidualPrompts.Batching;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Scoring;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.T5;

/// <summary>mT5 and umT5, and T5 beside them, against a computation in float64 that shares nothing with the library.</summary>
public sealed class FamilyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => ["t5 1.0", "t5 1.1", "t5 1.1 of transformers 5", "mt5", "mt5 tied", "umt5"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Logits_equal_those_of_the_reference_on_every_path(string name)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var (config, reference) = Write(name);
        int[][] inputs = [TinyT5.RandomIds(config, 11, 1), TinyT5.RandomIds(config, 4, 2), TinyT5.RandomIds(config, 30, 3)];
        int[][] targets = [TinyT5.RandomIds(config, 6, 4), TinyT5.RandomIds(config, 6, 5), TinyT5.RandomIds(config, 6, 6)];
        var expected = inputs.Zip(targets, (input, target) => reference.Logits(input, [0, .. target[..^1]])).ToArray();
        using var batch = Batch.Of([.. inputs.Zip(targets, (input, target) => new EncodedExample(input, target))]);
        foreach (var mode in Enum.GetValues<ComputeMode>())
        {
            foreach (var policy in new[] { ComputePolicy.LibTorch, ComputePolicy.Auto })
            {
                using var model = T5Model.LoadFrozen(
                    _folder.Path, new T5Computation { Mode = mode, Kernels = ComputeChoice.Kernels(policy) }, usesCache: false);
                Compare(new PromptedT5(model).TargetLogits(batch), $"{mode} {policy}");
                Compare(StepByStep(model), $"{mode} {policy}, token by token");
            }
        }

        if (Environment.GetEnvironmentVariable("RESIDUAL_PROMPTS_FAMILIES") is { Length: > 0 } kept)
            Keep(Directory.CreateDirectory(Path.Combine(kept, name.Replace(' ', '-'))).FullName);

        // For eng/check-families: the model as this program saves it, and its logits.
        void Keep(string folder)
        {
            using var model = T5Model.Load(_folder.Path);
            T5Folder.Write(folder, model, _folder.Path);
            var rows = inputs.Select((input, i) => new { input_ids = input, labels = targets[i], logits = expected[i] });
            File.WriteAllText(Path.Combine(folder, "expected.json"), JsonSerializer.Serialize(rows));
        }

        void Compare(Tensor logits, string way)
        {
            var found = logits.to_type(ScalarType.Float64).contiguous().data<double>().ToArray().Chunk(config.VocabularySize).Chunk(6).ToArray();
            for (var example = 0; example < inputs.Length; example++)
            {
                for (var i = 0; i < 6; i++)
                    found[example][i].Zip(expected[example][i], (a, b) => Math.Abs(a - b)).Max().Should().BeLessThan(1e-4, $"{way} {example} {i}");
            }
        }

        Tensor StepByStep(T5Model model)
        {
            var lengths = inputs.Select(input => input.Length).ToArray();
            var states = model.Encode(model.Embed(batch.InputIds), lengths);
            using var session = model.StartDecoding(states, lengths, 6);
            return stack(Enumerable.Range(0, 6).Select(i =>
                session.Step(tensor(targets.Select(target => i == 0 ? 0L : target[i - 1]).ToArray()))).ToArray(), 1);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_weight_has_the_gradient_of_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        var (config, reference) = Write(name);
        var (input, target) = (TinyT5.RandomIds(config, 11, 1), TinyT5.RandomIds(config, 6, 4));
        using var model = T5Model.Load(_folder.Path);
        model.Weights.Keys.Should().BeEquivalentTo(reference.Weights.Keys);
        using var batch = Batch.Of([new EncodedExample(input, target)]);
        model.Train(_ => true);
        foreach (var checkpointed in new[] { false, true })
        {
            foreach (var weight in model.Weights.Values)
                weight.grad?.zero_();
            if (checkpointed)
            {
                var encoding = model.EncodeCheckpointed(EncoderInput.Of(model.Embed(tensor(input.Select(id => (long)id).ToArray())), [input.Length]),
                    null);
                var targetIds = tensor(target.Select(id => (long)id).ToArray()).unsqueeze(0);
                var logits = model.Decode(model.ShiftRight(targetIds), encoding.States, [input.Length]);
                T5Model.Backward(nn.functional.cross_entropy(logits.flatten(0, 1), targetIds.flatten()));
                encoding.Backward();
            }
            else
            {
                var loss = new PromptedT5(model).Loss(batch);
                loss.item<float>().Should().BeApproximately((float)reference.Loss(input, target), 1e-5f);
                T5Model.Backward(loss);
            }

            foreach (var (key, weight) in model.Weights)
                CompareGradient(key, weight.grad!, $"{key}, checkpointed {checkpointed}");
        }

        void CompareGradient(string key, Tensor gradient, string why)
        {
            var rows = reference.Weights[key];
            var width = rows[0].Length;
            var flat = gradient.abs().flatten();
            var largest = flat.argmax().item<long>(); // an element that matters; for a bias in every layer it is not zero
            flat[(int)largest].item<float>().Should().BeGreaterThan(0, why);
            var (row, column) = ((int)(largest / width), (int)(largest % width));
            const double Step = 1e-5;
            var value = rows[row][column];
            rows[row][column] = value + Step;
            var above = reference.Loss(input, target);
            rows[row][column] = value - Step;
            var below = reference.Loss(input, target);
            rows[row][column] = value;
            var expected = (above - below) / (2 * Step);
            gradient.flatten()[(int)largest].item<float>().Should().BeApproximately((float)expected, (float)(2e-4 * Math.Abs(expected)) + 1e-6f, why);
        }
    }

    [Theory]
    [InlineData("bert")]
    [InlineData("longt5")]
    [InlineData("MT5")]
    public void Another_architecture_is_refused_by_name(string type)
    {
        using var scope = NewDisposeScope();
        Write("mt5");
        var json = ModelFolder.Json(TinyT5.Version11);
        json["model_type"] = type;
        _folder.Write("config.json", JsonSerializer.Serialize(json));
        FluentActions.Invoking(() => T5Model.Load(_folder.Path)).Should().Throw<T5ConfigException>()
            .WithMessage($"*model_type is \"{type}\", expected \"t5\", \"mt5\" or \"umt5\"*");
    }

    [Fact]
    public void A_bias_that_is_missing_in_a_layer_of_umT5_or_that_stands_in_one_of_mT5_is_named()
    {
        using var scope = NewDisposeScope();
        const string Key = "encoder.block.1.layer.0.SelfAttention.relative_attention_bias.weight";
        var weights = TinyT5.Weights(TinyT5.UMT5);
        ModelFolder.Write(_folder.Path, TinyT5.UMT5 with { Family = T5Family.MT5 }, weights);
        FluentActions.Invoking(() => T5Model.Load(_folder.Path)).Should().Throw<InputException>().WithMessage($"*unexpected*{Key}*");
        weights.Remove(Key);
        ModelFolder.Write(_folder.Path, TinyT5.UMT5, weights);
        FluentActions.Invoking(() => T5Model.Load(_folder.Path)).Should().Throw<InputException>().WithMessage($"*missing (1)*{Key}*");
    }

    [Fact]
    public void A_multilingual_config_without_the_keys_of_its_feed_forward_has_the_default_of_its_own_class()
    {
        var json = ModelFolder.Json(TinyT5.UMT5);
        json.Remove("feed_forward_proj");
        _folder.Write("config.json", JsonSerializer.Serialize(json));
        T5Config.Load(_folder.Path).FeedForward.Should().Be(FeedForwardKind.GatedGelu);
    }

    private (T5Config Config, ReferenceT5 Reference) Write(string name)
    {
        var config = name.Split(' ') switch
        {
            ["t5", "1.0", ..] => TinyT5.Version10,
            ["umt5"] => TinyT5.UMT5,
            ["mt5", ..] => TinyT5.Version11 with { Family = T5Family.MT5 },
            _ => TinyT5.Version11,
        };
        var weights = TinyT5.Weights(config);
        if (name.EndsWith("tied", StringComparison.Ordinal))
            weights.Remove("lm_head.weight");
        ModelFolder.Write(_folder.Path, config, weights);
        if (name != "t5 1.0" && name != "t5 1.1")
        {
            var json = ModelFolder.Json(config);
            json["tie_word_embeddings"] = true;
            if (config.Family == T5Family.T5)
                json["scale_decoder_outputs"] = false;
            _folder.Write("config.json", JsonSerializer.Serialize(json));
        }

        return (config, new ReferenceT5(config, name == "t5 1.0", weights));
    }
}

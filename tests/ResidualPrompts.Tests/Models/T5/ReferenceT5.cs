using ResidualPrompts.Models.T5;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Models.T5;

/// <summary>
/// T5, mT5 and umT5 in float64 and in the plainest loops, written from the papers and from transformers' description of a checkpoint; it shares
/// nothing with the library but the weights. One example at a time.
/// </summary>
internal sealed class ReferenceT5
{
    private readonly T5Config _config;
    private readonly bool _scales;
    private readonly Dictionary<string, double[][]> _weights;

    /// <summary>Copies the weights.</summary>
    internal ReferenceT5(T5Config config, bool scales, IReadOnlyDictionary<string, Tensor> weights)
    {
        (_config, _scales) = (config, scales);
        _weights = weights.ToDictionary(pair => pair.Key, pair => Rows(pair.Value));
    }

    /// <summary>The weights, one row of a matrix each; a vector is one row.</summary>
    internal IReadOnlyDictionary<string, double[][]> Weights => _weights;

    /// <summary>Logits of every decoder position.</summary>
    internal double[][] Logits(int[] inputs, int[] decoderInputs)
    {
        var states = Stack("encoder", inputs, null);
        var decoded = Stack("decoder", decoderInputs, states);
        if (_scales)
            decoded = [.. decoded.Select(row => row.Select(x => x / Math.Sqrt(_config.HiddenSize)).ToArray())];
        return Linear(decoded, _weights.GetValueOrDefault("lm_head.weight", _weights["shared.weight"]));
    }

    /// <summary>Mean cross-entropy of the targets.</summary>
    internal double Loss(int[] inputs, int[] targets)
    {
        var logits = Logits(inputs, [0, .. targets[..^1]]);
        return logits.Zip(targets, (row, target) => Math.Log(row.Sum(x => Math.Exp(x - row[target])))).Average();
    }

    private double[][] Stack(string stack, int[] ids, double[][]? encoded)
    {
        double[][] x = [.. ids.Select(id => _weights["shared.weight"][id].ToArray())];
        var isDecoder = encoded is not null;
        var table = Array.Empty<double[]>();
        for (var i = 0; i < (isDecoder ? _config.DecoderLayerCount : _config.EncoderLayerCount); i++)
        {
            var block = $"{stack}.block.{i}.layer";
            if (i == 0 || _config.Family == T5Family.UMT5)
                table = _weights[$"{block}.0.SelfAttention.relative_attention_bias.weight"];
            var biases = table;
            x = Add(x, Attention($"{block}.0.SelfAttention", Norm(x, $"{block}.0"), null, (head, query, key) =>
                isDecoder && key > query ? double.NegativeInfinity : biases[Bucket(key - query, isDecoder)][head]));
            if (encoded is not null)
                x = Add(x, Attention($"{block}.1.EncDecAttention", Norm(x, $"{block}.1"), encoded, (_, _, _) => 0));
            var last = $"{block}.{(isDecoder ? 2 : 1)}";
            x = Add(x, FeedForward($"{last}.DenseReluDense", Norm(x, last)));
        }

        return Norm(x, $"{stack}.final_layer_norm.weight", isKey: true);
    }

    private double[][] Attention(string name, double[][] x, double[][]? encoded, Func<int, int, int, double> bias)
    {
        var (q, k, v) = (Linear(x, _weights[$"{name}.q.weight"]), Linear(encoded ?? x, _weights[$"{name}.k.weight"]),
            Linear(encoded ?? x, _weights[$"{name}.v.weight"]));
        var size = _config.HeadSize;
        double[][] contexts = [.. q.Select(row => new double[row.Length])];
        for (var head = 0; head < _config.HeadCount; head++)
        {
            for (var query = 0; query < q.Length; query++)
            {
                var logits = k.Select((key, j) => bias(head, query, j) + Enumerable.Range(head * size, size).Sum(d => q[query][d] * key[d]))
                    .ToArray();
                var largest = logits.Max();
                var attended = logits.Select(logit => Math.Exp(logit - largest)).ToArray();
                var sum = attended.Sum();
                for (var d = head * size; d < (head + 1) * size; d++)
                    contexts[query][d] = v.Select((value, j) => attended[j] / sum * value[d]).Sum();
            }
        }

        return Linear(contexts, _weights[$"{name}.o.weight"]);
    }

    private double[][] FeedForward(string name, double[][] x)
    {
        double[][] inner = _weights.TryGetValue($"{name}.wi.weight", out var wi)
            ? [.. Linear(x, wi).Select(row => row.Select(value => Math.Max(0, value)).ToArray())]
            : [.. Linear(x, _weights[$"{name}.wi_0.weight"]).Zip(Linear(x, _weights[$"{name}.wi_1.weight"]), (gate, linear) =>
                gate.Zip(linear, (g, l) => l * 0.5 * g * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (g + (0.044715 * g * g * g))))).ToArray())];
        return Linear(inner, _weights[$"{name}.wo.weight"]);
    }

    private double[][] Norm(double[][] x, string layer, bool isKey = false)
    {
        var gain = _weights[isKey ? layer : $"{layer}.layer_norm.weight"][0];
        return [.. x.Select(row =>
        {
            var size = Math.Sqrt(row.Average(value => value * value) + _config.NormEpsilon);
            return row.Zip(gain, (value, g) => value / size * g).ToArray();
        })];
    }

    /// <summary>
    /// Near distances have a bucket each, farther ones share buckets that grow logarithmically; an encoder has half for each direction.
    /// </summary>
    private int Bucket(int distance, bool isDecoder)
    {
        var count = isDecoder ? _config.PositionBucketCount : _config.PositionBucketCount / 2;
        var first = !isDecoder && distance > 0 ? count : 0;
        var far = isDecoder ? Math.Max(0, -distance) : Math.Abs(distance);
        var exact = count / 2;
        return first + (far < exact ? far : Math.Min(
            count - 1, exact + (int)(Math.Log((double)far / exact) / Math.Log((double)_config.PositionMaxDistance / exact) * (count - exact))));
    }

    private static double[][] Linear(double[][] x, double[][] weight) =>
        [.. x.Select(row => weight.Select(other => row.Zip(other, (a, b) => a * b).Sum()).ToArray())];

    private static double[][] Add(double[][] x, double[][] y) => [.. x.Zip(y, (a, b) => a.Zip(b, (c, d) => c + d).ToArray())];

    private static double[][] Rows(Tensor weight)
    {
        using var scope = NewDisposeScope();
        var matrix = weight.detach().to_type(ScalarType.Float64).reshape(weight.dim() == 2 ? weight.shape[0] : 1, -1).contiguous();
        return [.. matrix.data<double>().ToArray().Chunk((int)matrix.shape[1])];
    }
}

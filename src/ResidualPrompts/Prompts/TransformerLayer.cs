using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Prompts;

/// <summary>One post-norm transformer layer over a sequence [P, H]: x = norm(x + attention(x)), then x = norm(x + feed-forward(x)).</summary>
internal sealed class TransformerLayer
{
    private const double NormEpsilon = 1e-5;
    private readonly int _headCount;

    internal TransformerLayer(int hiddenSize, int headCount, int feedForwardSize, Generator generator)
    {
        _headCount = headCount;
        Parameters = new Dictionary<string, Tensor>
        {
            ["self_attn.in_proj_weight"] = NetworkInitialization.Glorot(3 * hiddenSize, hiddenSize, generator), // queries, keys, values
            ["self_attn.in_proj_bias"] = zeros(3 * hiddenSize),
            ["self_attn.out_proj.weight"] = NetworkInitialization.Default([hiddenSize, hiddenSize], hiddenSize, generator),
            ["self_attn.out_proj.bias"] = zeros(hiddenSize),
            ["linear1.weight"] = NetworkInitialization.Default([feedForwardSize, hiddenSize], hiddenSize, generator),
            ["linear1.bias"] = NetworkInitialization.Default([feedForwardSize], hiddenSize, generator),
            ["linear2.weight"] = NetworkInitialization.Default([hiddenSize, feedForwardSize], feedForwardSize, generator),
            ["linear2.bias"] = NetworkInitialization.Default([hiddenSize], feedForwardSize, generator),
            ["norm1.weight"] = ones(hiddenSize),
            ["norm1.bias"] = zeros(hiddenSize),
            ["norm2.weight"] = ones(hiddenSize),
            ["norm2.bias"] = zeros(hiddenSize),
        };
    }

    /// <summary>Parameters by their names in PyTorch's TransformerEncoderLayer.</summary>
    internal IReadOnlyDictionary<string, Tensor> Parameters { get; }

    internal Tensor Forward(Tensor x, Func<Tensor, Tensor>? drop) // [P, H] → [P, H]
    {
        x = Norm(x + Drop(Attention(x), drop), "norm1");
        var inner = relu(Linear(x, "linear1")); // [P, ff]
        return Norm(x + Drop(Linear(Drop(inner, drop), "linear2"), drop), "norm2");
    }

    private static Tensor Drop(Tensor x, Func<Tensor, Tensor>? drop) => drop is null ? x : drop(x);

    private Tensor Attention(Tensor x)
    {
        var (length, width) = (x.shape[0], x.shape[1]);
        var projected = linear(x, Parameters["self_attn.in_proj_weight"], Parameters["self_attn.in_proj_bias"]); // [P, 3 · H]
        var heads = projected.view(length, 3, _headCount, width / _headCount).permute(1, 2, 0, 3); // [3, heads, P, H / heads]
        var mixed = scaled_dot_product_attention(heads[0].unsqueeze(0), heads[1].unsqueeze(0), heads[2].unsqueeze(0)); // [1, heads, P, H / heads]
        return Linear(mixed.squeeze(0).transpose(0, 1).reshape(length, width), "self_attn.out_proj");
    }

    private Tensor Linear(Tensor x, string name) => linear(x, Parameters[$"{name}.weight"], Parameters[$"{name}.bias"]);

    private Tensor Norm(Tensor x, string name) => layer_norm(x, [x.shape[^1]], Parameters[$"{name}.weight"], Parameters[$"{name}.bias"], NormEpsilon);
}

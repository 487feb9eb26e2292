using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>The weights of one part of the model, found by the end of their checkpoint key.</summary>
internal readonly struct WeightScope(IReadOnlyDictionary<string, Tensor> weights, string prefix = "")
{
    internal Tensor this[string name] => weights[prefix + name];

    /// <summary>A weight that only a prepared model has, or only one that is not; null in the other.</summary>
    internal Tensor? Find(string name) => weights.GetValueOrDefault(prefix + name);

    internal WeightScope In(string part) => new(weights, $"{prefix}{part}.");
}

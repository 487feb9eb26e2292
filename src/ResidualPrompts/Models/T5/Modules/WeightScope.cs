using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>The weights of one part of the model, found by the ends of their checkpoint keys.</summary>
internal readonly struct WeightScope(IReadOnlyDictionary<string, Tensor> weights, string prefix = "")
{
    internal Tensor this[string name] => weights[prefix + name];

    /// <summary>Finds a weight that only prepared models or only others have; null if it is missing.</summary>
    internal Tensor? Find(string name) => weights.GetValueOrDefault(prefix + name);

    internal WeightScope In(string part) => new(weights, $"{prefix}{part}.");
}

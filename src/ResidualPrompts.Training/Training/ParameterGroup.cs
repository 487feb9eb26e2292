using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>Parameters that train at one learning rate.</summary>
/// <param name="Parameters">By name; names are unique over all groups of an optimizer.</param>
/// <param name="LearningRate">Step size, above 0.</param>
internal sealed record ParameterGroup(IReadOnlyDictionary<string, Tensor> Parameters, double LearningRate);

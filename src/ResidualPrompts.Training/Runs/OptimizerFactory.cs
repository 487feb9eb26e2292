using ResidualPrompts.Prompts;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>Makes the optimizer that a spec describes; the network has its own learning rate if the spec sets one.</summary>
internal static class OptimizerFactory
{
    internal static Optimizer Create(RunSpec spec, TrainedParts trained)
    {
        var isNetwork = trained.Parameters.ToLookup(pair =>
            trained.Prompt is not null && pair.Key != SoftPrompt.RowsName && trained.Prompt.Parameters.ContainsKey(pair.Key));
        ParameterGroup[] groups = spec.NetworkLearningRate is { } networkRate
            ? [
                new ParameterGroup(isNetwork[false].ToDictionary(), spec.LearningRateInForce),
                new ParameterGroup(isNetwork[true].ToDictionary(), networkRate),
            ]
            : [new ParameterGroup(trained.Parameters, spec.LearningRateInForce)];
        return spec.Optimizer switch
        {
            OptimizerKind.OriginalAdamw => new OriginalAdamW(groups, spec.WeightDecay),
            OptimizerKind.Adamw => new TorchAdamW(groups, spec.WeightDecay),
            OptimizerKind.Adafactor => new Adafactor(groups, spec.WeightDecay),
            _ => throw new InvalidOperationException($"Optimizer {spec.Optimizer} is not defined."),
        };
    }
}

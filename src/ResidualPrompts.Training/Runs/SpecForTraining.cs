using ResidualPrompts.Backbones;
using ResidualPrompts.Data;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Resuming;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs;

/// <summary>What a spec means to the training loop, with the model's own values where the spec leaves one open.</summary>
internal static class SpecForTraining
{
    /// <summary>Selects the T5 weights that train, by their names; null where none does.</summary>
    /// <exception cref="RunSpecException">No weight has the word of <c>train_weights</c> in its name.</exception>
    internal static Func<string, bool>? TrainsWeight(RunSpec spec, T5Model model)
    {
        if (spec.Method == TuningMethod.Full)
            return _ => true;
        if (spec.TrainWeights is not { } word)
            return null;
        return model.Weights.Keys.Any(name => name.Contains(word, StringComparison.Ordinal))
            ? name => name.Contains(word, StringComparison.Ordinal)
            : throw RunSpecException.Setting("train_weights", word, "a part of a weight's name, such as layer_norm or decoder.block.0");
    }

    /// <summary>The kind of run, which decides the remedies of its warnings.</summary>
    internal static RunKind KindOf(RunSpec spec, RunData data)
    {
        var inert = InertSettings.Of(spec);
        return new RunKind
        {
            HasNetwork = spec.Method == TuningMethod.Prompt && spec.Reparameterization != Reparameterization.None,
            LacksSkip = !spec.Skip && !inert.ContainsKey("skip"),
            LacksLayerNorm = !spec.LayerNorm && !inert.ContainsKey("layer_norm"),
            HasNetworkRate = spec.NetworkLearningRate is not null && !inert.ContainsKey("network_learning_rate"),
            StartsFromLabelWords = spec.PromptInit.Equals(PromptInit.LabelWords),
            HasLabelWords = data.Task?.LabelWords is not null,
            MayChangeWords = spec.Compat == Compatibility.None,
            LearningRate = spec.LearningRateInForce,
            EndsBySteps = spec.MaxSteps is not null,
            WarmsUp = spec.WarmupSteps > 0,
            Clips = spec.Clip is not null,
        };
    }

    /// <summary>The settings of the loop.</summary>
    internal static TrainingSettings Settings(RunSpec spec, T5Config config, RunLength length) => new()
    {
        MaxSteps = length.LastStep,
        BatchSize = spec.BatchSize,
        AccumulationCount = spec.Accumulation,
        LargestGradientNorm = spec.Clip,
        BackboneDropout = spec.Dropout ?? config.DropoutRate,
        NetworkDropout = spec.NetworkDropout,
        GradientCheckpointing = spec.GradientCheckpointing,
        Shuffle = spec.Shuffle,
        EvaluateEverySteps = length.EvaluateEvery,
        Patience = spec.Patience,
        Schedule = new Schedule(spec.Schedule, spec.WarmupSteps, length.LastStep),
        Seed = spec.Seed,
    };

    /// <summary>The record of a run before its first step.</summary>
    /// <param name="spec">The settings.</param>
    /// <param name="backbone">The model.</param>
    /// <param name="data">The rows.</param>
    /// <param name="prompt">The prompt before its first step; null for full tuning.</param>
    internal static RunRecord Record(RunSpec spec, Backbone backbone, RunData data, SoftPrompt? prompt)
    {
        var provenance = RunProvenance.Of(data.Placed, backbone, data, data.Encode(DataSplit.Validation)) with
        {
            PromptInitDigest = prompt is not null && spec.PromptInit.IsFile ? PromptFactory.DigestOf(prompt) : null,
        };
        var environment = RunEnvironment.Describe(backbone.Model);
        return new RunRecord(RunStatus.Running, spec, environment, provenance, null)
        {
            Segments = [RunSegment.Of(environment, 0)],
            Warnings = [.. data.SharedRowsWarnings(), .. StartWarnings.Of(spec, data.Rows)],
            Inert = [.. InertSettings.Of(spec, StartWarnings.FactsOf(data.Rows)).Keys],
        };
    }
}

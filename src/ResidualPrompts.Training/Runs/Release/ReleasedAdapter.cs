using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Runs.Release;

/// <summary>The adapter directory of a run: the prompt in PEFT's layout, its contract, and its model card.</summary>
internal static class ReleasedAdapter
{
    /// <summary>The backbone of a prompt trained together with model weights, relative to the adapter directory.</summary>
    private const string TrainedModelName = "../model";

    internal static void Write(
        RunDirectory directory, PlainPrompt prompt, RunRecord record, RunData data, Backbone backbone, RunResult result,
        Func<PromptContract, string>? cardUsage)
    {
        var (spec, config) = (record.Spec, backbone.Model.Config);
        var trainsModel = Directory.Exists(directory.Model);
        var identity = BackboneIdentity.Of(
            trainsModel ? directory.Model : backbone.Folder, trainsModel ? TrainedModelName : spec.Model, config.HiddenSize);
        var contract = Contract(identity, prompt, spec, data, result);
        PeftAdapter.Write(directory.Adapter, prompt, Known(identity, config), contract);
        var card = ModelCard.Of(spec, contract, config.Family, result, record.Segments.Count, cardUsage?.Invoke(contract));
        RunDirectory.WriteText(Path.Combine(directory.Adapter, ModelCard.FileName), card);
    }

    private static PeftConfig Known(BackboneIdentity identity, T5Config config) =>
        new(1, null, identity.Name, identity.Revision, config.EncoderLayerCount, config.HeadCount);

    private static PromptContract Contract(BackboneIdentity identity, PlainPrompt prompt, RunSpec spec, RunData data, RunResult result)
    {
        var task = data.Task;
        return new PromptContract
        {
            Backbone = identity,
            VirtualTokenCount = prompt.VirtualTokenCount,
            MaxInputLength = spec.MaxInputLength,
            Task = task?.Name,
            Template = task?.Text is null ? task?.Template?.ToString() : null,
            LabelField = task?.LabelField,
            LabelWords = task?.LabelWords,
            Evaluation = data.Answers.Kind,
            MaxNewTokens = data.Answers.MaxNewTokens,
            Metric = result.Validation?.Metrics.Select(metric => new ContractMetric(metric.Key, "validation", metric.Value)).FirstOrDefault(),
            Seed = spec.Seed,
            Reparameterization = RunSpecJson.Write(spec)["reparameterization"]!.GetValue<string>(),
        };
    }
}

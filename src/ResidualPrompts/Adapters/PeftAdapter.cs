using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Adapters;

/// <summary>Writes a folded prompt as an adapter directory that PEFT loads.</summary>
public static class PeftAdapter
{
    internal const string WeightsFileName = "adapter_model.safetensors";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>
    /// Writes <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>: P rows for the encoder alone (one submodule), where PEFT
    /// itself would write twice as many and use half.
    /// </summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="prompt">The folded prompt.</param>
    /// <param name="modelName">Name of the backbone, for whoever loads the adapter.</param>
    /// <param name="config">Shape of the backbone.</param>
    public static void Write(string directory, PlainPrompt prompt, string modelName, T5Config config)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(config);
        using var scope = NewDisposeScope();
        SafetensorsWriter.Write(Path.Combine(directory, WeightsFileName), new Dictionary<string, Tensor> { [PromptFile.TensorName] = prompt.Forward().detach() });
        var json = new JsonObject
        {
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = modelName,
            ["inference_mode"] = true,
            ["modules_to_save"] = null,
            ["num_attention_heads"] = config.HeadCount,
            ["num_layers"] = config.EncoderLayerCount,
            ["num_transformer_submodules"] = 1,
            ["num_virtual_tokens"] = prompt.VirtualTokenCount,
            ["peft_type"] = "PROMPT_TUNING",
            ["prompt_tuning_init"] = "RANDOM",
            ["prompt_tuning_init_text"] = null,
            ["revision"] = null,
            ["task_type"] = "SEQ_2_SEQ_LM",
            ["token_dim"] = prompt.HiddenSize,
            ["tokenizer_kwargs"] = null,
            ["tokenizer_name_or_path"] = null,
        };
        AtomicFile.Write(Path.Combine(directory, PeftConfig.FileName), stream => stream.Write(JsonSerializer.SerializeToUtf8Bytes(json, Indented)));
    }
}

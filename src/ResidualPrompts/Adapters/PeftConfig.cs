using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Files;

namespace ResidualPrompts.Adapters;

/// <summary>The fields of a PEFT <c>adapter_config.json</c> that this library uses; all other keys are ignored.</summary>
/// <param name="VirtualTokenCount">Rows of the prompt that are used (<c>num_virtual_tokens</c>); the file may hold a multiple.</param>
/// <param name="TokenWidth">Width of a row (<c>token_dim</c>), or null when the file does not say.</param>
/// <param name="BaseModel">Name of the backbone (<c>base_model_name_or_path</c>), or null.</param>
/// <param name="Revision">The backbone's commit (<c>revision</c>), or null.</param>
/// <param name="LayerCount">The backbone's encoder blocks (<c>num_layers</c>), or null.</param>
/// <param name="HeadCount">The backbone's attention heads (<c>num_attention_heads</c>), or null.</param>
internal sealed record PeftConfig(
    int VirtualTokenCount, int? TokenWidth, string? BaseModel = null, string? Revision = null, int? LayerCount = null, int? HeadCount = null)
{
    /// <summary>Name of the file in an adapter directory.</summary>
    public const string FileName = "adapter_config.json";

    /// <summary>The release of PEFT whose layout is written.</summary>
    private const string PeftVersion = "0.21.0";

    /// <summary>Reads the config of a prompt-tuning or P-tuning adapter for sequence-to-sequence models.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="AdapterException">The file is missing or broken, or belongs to another kind of adapter.</exception>
    public static PeftConfig Read(string path)
    {
        try
        {
            return Parse(path, PlainFile.Read(path, PlainFile.LongestJson));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AdapterException.Config(path, $"cannot be read as JSON: {JsonProblem.Of(e)}", e);
        }
    }

    /// <summary>As <see cref="Read(string)"/>, for the bytes of a file that were read before.</summary>
    internal static PeftConfig Parse(string path, byte[] content)
    {
        try
        {
            using var document = JsonFile.Document(content);
            return Read(new JsonFields(document.RootElement, path, ""));
        }
        catch (Exception e) when (JsonProblem.IsOne(e))
        {
            throw AdapterException.Config(path, $"cannot be read as JSON: {JsonProblem.Of(e)}", e);
        }
    }

    /// <summary>Returns what a prompt's PEFT config or contract says about its backbone; null when neither says anything.</summary>
    /// <param name="path">The path that the prompt was read from.</param>
    /// <param name="contract">Its contract, or null.</param>
    public static PeftConfig? KnownOf(string path, PromptContract? contract)
    {
        var file = Path.Combine(path, FileName);
        if (File.Exists(file))
            return Read(file);
        return contract is null ? null
            : new PeftConfig(contract.VirtualTokenCount, contract.Backbone.HiddenSize, contract.Backbone.Name, contract.Backbone.Revision);
    }

    /// <summary>The file of a folded prompt for the encoder alone, with one submodule. PEFT itself writes two for T5 and uses one.</summary>
    internal byte[] Bytes()
    {
        var json = new JsonObject
        {
            ["auto_mapping"] = null,
            ["base_model_name_or_path"] = BaseModel,
            ["inference_mode"] = true,
            ["modules_to_save"] = null,
            ["num_attention_heads"] = HeadCount,
            ["num_layers"] = LayerCount,
            ["num_transformer_submodules"] = 1,
            ["num_virtual_tokens"] = VirtualTokenCount,
            ["peft_type"] = "PROMPT_TUNING",
            ["peft_version"] = PeftVersion,
            ["prompt_tuning_init"] = "RANDOM",
            ["prompt_tuning_init_text"] = null,
            ["revision"] = Revision,
            ["task_type"] = "SEQ_2_SEQ_LM",
            ["token_dim"] = TokenWidth,
            ["tokenizer_kwargs"] = null,
            ["tokenizer_name_or_path"] = null,
        };
        return JsonSerializer.SerializeToUtf8Bytes(json, JsonFormats.Indented);
    }

    private static PeftConfig Read(JsonFields json)
    {
        var type = json.Text("peft_type");
        if (type is not ("PROMPT_TUNING" or "P_TUNING"))
            throw json.Problem("peft_type", $"is {ShownText.Value(type ?? "missing")}, expected PROMPT_TUNING or P_TUNING");
        var task = json.Text("task_type");
        if (task is not (null or "SEQ_2_SEQ_LM"))
            throw json.Problem("task_type", $"is {ShownText.Value(task)}, expected SEQ_2_SEQ_LM: the adapter was made for another kind of model");
        return new PeftConfig(
            (int)(json.Number("num_virtual_tokens", 1) ?? throw json.Problem("num_virtual_tokens", "is missing")),
            (int?)json.Number("token_dim", 1),
            json.Text("base_model_name_or_path"),
            json.Text("revision"),
            (int?)json.Number("num_layers", 1),
            (int?)json.Number("num_attention_heads", 1));
    }
}

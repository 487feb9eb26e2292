using ResidualPrompts.Models.Weights;
using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Adapters;

/// <summary>Reads a released prompt, whatever it is kept in.</summary>
public static class PromptFile
{
    /// <summary>The one tensor of a prompt in a safetensors file, as PEFT names it.</summary>
    public const string TensorName = "prompt_embeddings";

    /// <summary>
    /// Reads a prompt from a <c>.npy</c> file [P, H], a <c>.safetensors</c> file with <see cref="TensorName"/>, or a PEFT adapter
    /// directory, of which the first <c>num_virtual_tokens</c> rows are taken: PEFT stores twice as many for T5 and uses half.
    /// </summary>
    /// <param name="path">File or directory.</param>
    /// <exception cref="InputException">Not there, broken, of the wrong shape, or not finite.</exception>
    public static PlainPrompt Read(string path)
    {
        using var scope = NewDisposeScope();
        if (Directory.Exists(path))
            return Prompt(ReadAdapter(path), path);
        if (!File.Exists(path))
            throw AdapterException.NotFound(path);
        return Path.GetExtension(path) switch
        {
            ".npy" => Prompt(NpyFile.Read(path), path),
            ".safetensors" => Prompt(ReadTensor(path), path),
            _ => throw AdapterException.UnknownKind(path),
        };
    }

    private static Tensor ReadAdapter(string directory)
    {
        var configPath = Path.Combine(directory, PeftConfig.FileName);
        if (!File.Exists(configPath))
            throw AdapterException.UnknownKind(directory);
        var config = PeftConfig.Read(configPath);
        var weightsPath = Path.Combine(directory, PeftAdapter.WeightsFileName);
        if (!File.Exists(weightsPath))
            throw File.Exists(Path.Combine(directory, "adapter_model.bin")) ? AdapterException.OnlyPickle(directory) : AdapterException.NotFound(weightsPath);
        var rows = ReadTensor(weightsPath); // [P · submodules, H]
        if (rows.dim() != 2 || rows.shape[0] < config.VirtualTokenCount || rows.shape[0] % config.VirtualTokenCount != 0)
            throw AdapterException.Config(configPath, $"num_virtual_tokens is {config.VirtualTokenCount}, but {PeftAdapter.WeightsFileName} holds [{string.Join(", ", rows.shape)}]");
        if (config.TokenWidth is { } width && width != rows.shape[1])
            throw AdapterException.Config(configPath, $"token_dim is {width}, but {PeftAdapter.WeightsFileName} holds [{string.Join(", ", rows.shape)}]");
        return rows.narrow(0, 0, config.VirtualTokenCount);
    }

    private static Tensor ReadTensor(string path)
    {
        using var file = SafetensorsFile.Open(path);
        if (!file.Entries.TryGetValue(TensorName, out var entry))
            throw AdapterException.NoTensor(path, file.Entries.Keys);
        return entry.IsFloating ? file.Read(TensorName) : throw AdapterException.NotFloating(path, entry.ElementType.ToString());
    }

    private static PlainPrompt Prompt(Tensor rows, string path)
    {
        if (rows.dim() != 2 || rows.shape[0] < 1 || rows.shape[1] < 1)
            throw AdapterException.Shape(path, rows.shape);
        rows = rows.to_type(ScalarType.Float32);
        var finite = rows.isfinite().all(1).data<bool>().ToArray();
        var bad = Array.IndexOf(finite, false);
        return bad < 0 ? new PlainPrompt(rows.clone()) : throw AdapterException.NotFinite(path, bad);
    }
}

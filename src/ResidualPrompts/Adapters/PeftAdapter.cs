using System.Globalization;
using ResidualPrompts.Files;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Adapters;

/// <summary>Reads and writes a folded prompt as an adapter directory that PEFT loads.</summary>
internal static class PeftAdapter
{
    internal const string WeightsFileName = "adapter_model.safetensors";
    internal const string PickledWeightsFileName = "adapter_model.bin";

    /// <summary>
    /// Writes <c>adapter_config.json</c>, <c>adapter_model.safetensors</c> with P rows, for the encoder alone (one submodule), and the contract, all
    /// together or not at all: a folder whose writer was killed meanwhile has no config, and is refused. An earlier contract never stays beside other
    /// rows. PEFT itself writes twice as many rows and uses half.
    /// </summary>
    /// <param name="directory">An existing directory.</param>
    /// <param name="prompt">The folded prompt.</param>
    /// <param name="known">What is known about the backbone; its prompt shape is ignored. Null = nothing.</param>
    /// <param name="contract">The contract; null = the prompt has none.</param>
    /// <exception cref="InputException">The directory cannot be written.</exception>
    public static void Write(string directory, PlainPrompt prompt, PeftConfig? known = null, PromptContract? contract = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        using var scope = NewDisposeScope();
        var config = new PeftConfig(
            prompt.VirtualTokenCount, prompt.HiddenSize, known?.BaseModel, known?.Revision, known?.LayerCount, known?.HeadCount);
        var tensors = new Dictionary<string, Tensor> { [PromptFile.TensorName] = prompt.Forward().detach() };
        var (configPath, contractPath) = (Path.Combine(directory, PeftConfig.FileName), Path.Combine(directory, PromptContract.FileName));
        try
        {
            using var files = new FileSet(key: configPath);
            files.Add(Path.Combine(directory, WeightsFileName), stream => SafetensorsWriter.Write(stream, WeightsFileName, tensors));
            if (contract is not null)
                files.Add(contractPath, stream => stream.Write(PromptContractFile.Bytes(contract)));
            files.Add(configPath, stream => stream.Write(config.Bytes()));
            files.Replace(obsolete: contractPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AdapterException.CannotWrite(directory, e);
        }
    }

    /// <summary>The bytes of <see cref="WeightsFileName"/> with these rows.</summary>
    internal static long SizeOf(TensorSource rows) =>
        SafetensorsWriter.SizeOf(new Dictionary<string, TensorSource> { [PromptFile.TensorName] = rows });

    /// <summary>Whether a directory without a config has the rows of an adapter: the config is written last.</summary>
    internal static bool IsUnfinished(string directory) =>
        new[] { WeightsFileName, PickledWeightsFileName }.Any(name => File.Exists(Path.Combine(directory, name)));

    /// <summary>
    /// Reads the rows that PEFT puts before the encoder's input: the first <c>num_virtual_tokens</c> rows. For T5 a file holds twice as many.
    /// </summary>
    internal static Tensor Read(PromptFiles files)
    {
        var configPath = files.PathOf(PeftConfig.FileName);
        var config = PeftConfig.Parse(configPath, files.Content(PeftConfig.FileName));
        var (file, rows) = ReadWeights(files); // [P · submodules, H]
        if (rows.dim() != 2 || rows.shape[0] < config.VirtualTokenCount || rows.shape[0] % config.VirtualTokenCount != 0)
            throw AdapterException.Config(configPath, string.Create(
                CultureInfo.InvariantCulture,
                $"num_virtual_tokens is {config.VirtualTokenCount}, but {file} holds [{string.Join(", ", rows.shape)}]"));
        if (config.TokenWidth is { } width && width != rows.shape[1])
            throw AdapterException.Config(configPath, string.Create(
                CultureInfo.InvariantCulture, $"token_dim is {width}, but {file} holds [{string.Join(", ", rows.shape)}]"));
        return rows.narrow(0, 0, config.VirtualTokenCount);
    }

    private static (string File, Tensor Rows) ReadWeights(PromptFiles files)
    {
        var path = files.PathOf(WeightsFileName);
        if (files.Has(WeightsFileName))
            return (WeightsFileName,
                PromptFile.ReadTensor(() => SafetensorsFile.Of(path, files.Content(WeightsFileName)), path, PromptFile.TensorName));
        return files.Has(PickledWeightsFileName) ? (PickledWeightsFileName, TgisFile.Read(files, PickledWeightsFileName))
            : throw AdapterException.NotFound(path);
    }
}

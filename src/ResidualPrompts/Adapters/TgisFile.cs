using ResidualPrompts.Models.Weights;
using ResidualPrompts.Models.Weights.TorchFiles;
using static TorchSharp.torch;

namespace ResidualPrompts.Adapters;

/// <summary>
/// Reads and writes a prompt saved by torch.save: <c>encoder.pt</c> of TGIS and caikit, one tensor [P, H]. Also reads <c>adapter_model.bin</c> of an
/// older PEFT, a state dict of one tensor with PEFT's name.
/// </summary>
internal static class TgisFile
{
    internal static Tensor Read(PromptFiles files, string name) =>
        Read(() => TorchFile.Of(files.PathOf(name), files.Content(name)), files.PathOf(name));

    internal static Tensor Read(Func<TorchFile> open, string path)
    {
        using var file = open();
        var tensor = file.Root ?? file.Entries.FirstOrDefault(entry => entry.Key == PromptFile.TensorName).Value
            ?? throw AdapterException.NoTensor(path, file.Entries.Select(entry => entry.Key));
        if (!SafetensorsElementType.IsFloating(tensor.Storage.ElementType))
            throw AdapterException.NotFloating(path, PromptFile.TensorName, $"{tensor.Storage.ElementType}");
        var rows = file.Read(tensor);
        file.CheckUnchanged();
        return rows;
    }

    /// <summary>Writes the file. TGIS serves only prompts of an even length.</summary>
    internal static void Write(string path, Tensor rows)
    {
        if (rows.shape[0] % 2 != 0)
            throw AdapterException.OddForTgis(path, rows.shape[0]);
        TorchTensorWriter.Write(path, rows);
    }
}

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
    internal static Tensor Read(string path)
    {
        using var file = TorchFile.Open(path);
        var tensor = file.Root ?? file.Entries.FirstOrDefault(entry => entry.Key == PromptFile.TensorName).Value
            ?? throw AdapterException.NoTensor(path, file.Entries.Select(entry => entry.Key));
        return SafetensorsElementType.IsFloating(tensor.Storage.ElementType) ? file.Read(tensor)
            : throw AdapterException.NotFloating(path, PromptFile.TensorName, $"{tensor.Storage.ElementType}");
    }

    /// <summary>Writes the file. TGIS serves only prompts of an even length.</summary>
    internal static void Write(string path, Tensor rows)
    {
        if (rows.shape[0] % 2 != 0)
            throw AdapterException.OddForTgis(path, rows.shape[0]);
        TorchTensorWriter.Write(path, rows);
    }
}

using ResidualPrompts.Models.Weights.TorchFiles;
using static TorchSharp.torch;

namespace ResidualPrompts.Adapters;

/// <summary>A prompt as TGIS and caikit serve it: <c>encoder.pt</c>, one tensor [P, H] saved by torch.</summary>
internal static class TgisFile
{
    internal static Tensor Read(string path) => throw AdapterException.UnknownKind(path);

    /// <summary>Writes the file; TGIS serves prompts of an even length only.</summary>
    internal static void Write(string path, Tensor rows)
    {
        if (rows.shape[0] % 2 != 0)
            throw AdapterException.OddForTgis(path, rows.shape[0]);
        TorchTensorWriter.Write(path, rows);
    }
}

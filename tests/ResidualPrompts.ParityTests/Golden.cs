using ResidualPrompts.Models.T5;
using ResidualPrompts.Models.Weights;
using static TorchSharp.torch;

namespace ResidualPrompts.ParityTests;

/// <summary>Files of reference values, made with PyTorch, transformers and PEFT; Golden/README.md says how.</summary>
internal static class Golden
{
    internal static string Path(params string[] parts) => System.IO.Path.Combine([AppContext.BaseDirectory, "Golden", .. parts]);

    /// <summary>The reference model, frozen.</summary>
    internal static T5Model Model(string version, ComputeMode mode)
    {
        var model = T5Model.Load(Path("t5", version));
        model.Freeze(mode);
        return model;
    }

    /// <summary>Every tensor of a file, in the caller's dispose scope.</summary>
    internal static Dictionary<string, Tensor> Tensors(params string[] parts)
    {
        using var file = SafetensorsFile.Open(Path(parts));
        return file.Entries.Keys.ToDictionary(name => name, name => file.Read(name));
    }

    /// <summary>Rows of ids without their padding.</summary>
    internal static int[][] Rows(Tensor ids, Func<long, bool> isPadding)
    {
        var flat = ids.data<long>().ToArray();
        return [.. flat.Chunk((int)ids.shape[1]).Select(row => row.TakeWhile(id => !isPadding(id)).Select(id => (int)id).ToArray())];
    }
}

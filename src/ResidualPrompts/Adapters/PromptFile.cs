using ResidualPrompts.Models.Weights;
using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Adapters;

/// <summary>Reads and writes the rows of a released prompt in any supported format.</summary>
public static class PromptFile
{
    /// <summary>Name of the prompt's tensor in a safetensors file, as PEFT names it.</summary>
    public const string TensorName = "prompt_embeddings";

    /// <summary>File name in a TGIS prompt directory.</summary>
    internal const string TgisFileName = "encoder.pt";

    /// <summary>File name in a checkpoint directory of Google's prompt-tuning; the file is in NumPy's format.</summary>
    private const string GoogleFileName = "encoder.prompt.prompt.prompt";

    private static readonly string[] TorchExtensions = [".pt", ".pth", ".bin"];

    /// <summary>
    /// Reads a prompt. Supported are: a PEFT adapter directory, whose first <c>num_virtual_tokens</c> rows are used (PEFT stores twice as many for T5
    /// and uses half); a NumPy array [P, H] (<c>.npy</c>, or <c>encoder.prompt.prompt.prompt</c> of Google's prompt-tuning); a <c>.safetensors</c>
    /// file with <see cref="TensorName"/> or one other tensor named as a prompt; a tensor saved by torch (<c>encoder.pt</c> of TGIS). A directory
    /// that holds one of the named files is also accepted.
    /// </summary>
    /// <param name="path">File or directory.</param>
    /// <exception cref="InputException">The prompt is missing, broken, of the wrong shape, or not finite.</exception>
    public static PlainPrompt Read(string path)
    {
        using var scope = NewDisposeScope();
        var (file, format) = Find(path);
        return Checked(
            format switch
            {
                PromptFormat.Peft => PeftAdapter.Read(file),
                PromptFormat.Npy => NpyFile.Read(file),
                PromptFormat.Safetensors => ReadTensor(file, NamesIn(file)),
                _ => TgisFile.Read(file),
            },
            file);
    }

    /// <summary>Writes a prompt atomically.</summary>
    /// <param name="path">An existing directory for <see cref="PromptFormat.Peft"/>, else a file in an existing directory.</param>
    /// <param name="format">The file format.</param>
    /// <param name="prompt">The folded prompt.</param>
    /// <param name="known">What is known about the backbone, for PEFT's config.</param>
    /// <param name="contract">The contract, for <see cref="PromptFormat.Peft"/>; the other formats have no place for one.</param>
    /// <exception cref="InputException">The format cannot store this prompt, or the file cannot be written.</exception>
    internal static void Write(string path, PromptFormat format, PlainPrompt prompt, PeftConfig? known = null, PromptContract? contract = null)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        using var scope = NewDisposeScope();
        var rows = prompt.Forward().detach();
        if (FirstBadRow(rows) is { } bad)
            throw AdapterException.NotFinite(path, bad);
        switch (format)
        {
            case PromptFormat.Peft:
                PeftAdapter.Write(path, prompt, known, contract);
                break;
            case PromptFormat.Npy:
                NpyFile.Write(path, rows);
                break;
            case PromptFormat.Safetensors:
                SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { [TensorName] = rows });
                break;
            default:
                TgisFile.Write(path, rows);
                break;
        }
    }

    /// <summary>Finds the file or directory that holds a prompt's rows, and its format.</summary>
    internal static (string Path, PromptFormat Format) Find(string path)
    {
        if (File.Exists(path))
            return (path, FormatOf(path));
        if (!Directory.Exists(path))
            throw AdapterException.NotFound(path);
        if (File.Exists(Path.Combine(path, PeftConfig.FileName)))
            return (path, PromptFormat.Peft);
        if (PeftAdapter.IsUnfinished(path))
            throw AdapterException.Unfinished(path);
        foreach (var name in new[] { GoogleFileName, TgisFileName })
        {
            if (File.Exists(Path.Combine(path, name)))
                return (Path.Combine(path, name), FormatOf(Path.Combine(path, name)));
        }

        throw File.Exists(Path.Combine(path, "decoder.pt")) ? AdapterException.DecoderPrompt(path) : AdapterException.UnknownKind(path);
    }

    internal static Tensor ReadTensor(string path, IReadOnlyList<string> names)
    {
        using var file = SafetensorsFile.Open(path);
        if (names is not [var name] || !file.Entries.TryGetValue(name, out var entry))
            throw AdapterException.NoTensor(path, file.Entries.Keys);
        return entry.IsFloating ? file.Read(name) : throw AdapterException.NotFloating(path, name, entry.ElementType.ToString());
    }

    /// <summary>Tensors that may be the prompt: the one with PEFT's name, else every tensor with "prompt" in its name.</summary>
    private static string[] NamesIn(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return file.Entries.ContainsKey(TensorName) ? [TensorName]
            : [.. file.Entries.Keys.Where(name => name.Contains("prompt", StringComparison.OrdinalIgnoreCase))];
    }

    private static PromptFormat FormatOf(string path)
    {
        var extension = Path.GetExtension(path);
        if (extension == ".npy" || Path.GetFileName(path) == GoogleFileName)
            return PromptFormat.Npy;
        if (extension == ".safetensors")
            return PromptFormat.Safetensors;
        return TorchExtensions.Contains(extension) ? PromptFormat.Tgis : throw AdapterException.UnknownKind(path);
    }

    private static PlainPrompt Checked(Tensor rows, string path)
    {
        if (rows.dim() != 2 || rows.shape[0] < 1 || rows.shape[1] < 1)
            throw AdapterException.Shape(path, rows.shape);
        rows = rows.to_type(ScalarType.Float32);
        return FirstBadRow(rows) is { } bad ? throw AdapterException.NotFinite(path, bad) : new PlainPrompt(rows.clone());
    }

    private static int? FirstBadRow(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var bad = Array.IndexOf(rows.isfinite().all(1).data<bool>().ToArray(), false);
        return bad < 0 ? null : bad;
    }
}

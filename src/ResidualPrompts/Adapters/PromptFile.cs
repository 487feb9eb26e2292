using ResidualPrompts.Models.Weights;
using ResidualPrompts.Models.Weights.TorchFiles;
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
    internal const string GoogleFileName = "encoder.prompt.prompt.prompt";

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
        if (Directory.Exists(path))
            return Read(PromptFiles.Read(path));
        if (!File.Exists(path))
            throw AdapterException.NotFound(path);
        using var scope = NewDisposeScope();
        return Checked(
            FormatOf(path) switch
            {
                PromptFormat.Npy => NpyFile.Read(path),
                PromptFormat.Safetensors => ReadTensor(() => SafetensorsFile.Open(path), path),
                _ => TgisFile.Read(() => TorchFile.Open(path), path),
            },
            path);
    }

    /// <summary>Reads a prompt from the files of a directory, as <see cref="Read(string)"/> does.</summary>
    internal static PlainPrompt Read(PromptFiles files)
    {
        using var scope = NewDisposeScope();
        if (files.Has(PeftConfig.FileName))
            return Checked(PeftAdapter.Read(files), files.Directory);
        if (PeftAdapter.IsUnfinished(files.Directory))
            throw AdapterException.Unfinished(files.Directory);
        if (files.Has(GoogleFileName))
            return Checked(NpyFile.Of(files.PathOf(GoogleFileName), files.Content(GoogleFileName)), files.PathOf(GoogleFileName));
        if (files.Has(TgisFileName))
            return Checked(TgisFile.Read(files, TgisFileName), files.PathOf(TgisFileName));
        throw File.Exists(files.PathOf("decoder.pt")) ? AdapterException.DecoderPrompt(files.Directory)
            : AdapterException.UnknownKind(files.Directory);
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

    /// <summary>Reads the prompt's tensor: by its name, else by the names that may be a prompt.</summary>
    /// <param name="open">Opens the file.</param>
    /// <param name="path">Its path in messages.</param>
    /// <param name="name">Its name; null = the one with PEFT's name, else the only tensor with "prompt" in its name.</param>
    internal static Tensor ReadTensor(Func<SafetensorsFile> open, string path, string? name = null)
    {
        using var file = open();
        name ??= file.Entries.ContainsKey(TensorName) ? TensorName
            : file.Entries.Keys.Where(key => key.Contains("prompt", StringComparison.OrdinalIgnoreCase)).ToArray() is [var only] ? only : null;
        if (name is null || !file.Entries.TryGetValue(name, out var entry))
            throw AdapterException.NoTensor(path, file.Entries.Keys);
        if (!entry.IsFloating)
            throw AdapterException.NotFloating(path, name, entry.ElementType.ToString());
        var rows = file.Read(name);
        file.CheckUnchanged();
        return rows;
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

using ResidualPrompts.Backbones;
using ResidualPrompts.Prompts;

namespace ResidualPrompts.Adapters;

/// <summary>
/// A released prompt with its contract, if it has one, checked against a backbone.
/// <example>
/// <code>
/// using var backbone = ModelCatalog.Load("t5-nano");
/// using var released = ReleasedPrompt.Load("runs/first/adapter", backbone, "t5-nano");
/// Console.WriteLine(released.Contract?.Task);
/// </code>
/// </example>
/// </summary>
public sealed class ReleasedPrompt : IDisposable
{
    private const string OriginalFileName = "prompt.npy";

    private ReleasedPrompt(PlainPrompt prompt, PromptContract? contract, IReadOnlyList<string> warnings) =>
        (Prompt, Contract, Warnings) = (prompt, contract, warnings);

    /// <summary>The rows.</summary>
    public PlainPrompt Prompt { get; }

    /// <summary>The prompt's contract; null when it has none.</summary>
    public PromptContract? Contract { get; }

    /// <summary>Warnings for the user, one per line.</summary>
    public IReadOnlyList<string> Warnings { get; }

    /// <summary>Reads a prompt and checks it against a backbone.</summary>
    /// <param name="path">A path that <see cref="PromptFile.Read(string)"/> accepts.</param>
    /// <param name="backbone">The backbone to use the prompt with.</param>
    /// <param name="model">The name or folder that the backbone was loaded from.</param>
    /// <param name="allowMismatch">Whether a prompt of another backbone or tokenizer only causes a warning.</param>
    /// <exception cref="InputException">The prompt is broken, does not fit, or belongs to another backbone or tokenizer.</exception>
    public static ReleasedPrompt Load(string path, Backbone backbone, string model, bool allowMismatch = false)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        return Checked(Read(path), path, backbone, model, allowMismatch);
    }

    /// <summary>As <see cref="Load(string, Backbone, string, bool)"/>, for files that were read before.</summary>
    internal static ReleasedPrompt Load(PromptFiles files, Backbone backbone, string model, bool allowMismatch) =>
        Checked(Read(files), files.Directory, backbone, model, allowMismatch);

    private static ReleasedPrompt Checked(ReleasedPrompt released, string path, Backbone backbone, string model, bool allowMismatch)
    {
        try
        {
            var warnings = released.Warnings.Concat(released.Check(path, backbone, model, allowMismatch));
            return new ReleasedPrompt(released.Prompt, released.Contract, [.. warnings]);
        }
        catch
        {
            released.Dispose();
            throw;
        }
    }

    /// <summary>Reads a prompt without checking it against a backbone.</summary>
    /// <param name="path">A path that <see cref="PromptFile.Read(string)"/> accepts.</param>
    /// <exception cref="InputException">The prompt or its contract is broken.</exception>
    public static ReleasedPrompt Read(string path)
    {
        return Directory.Exists(path) ? Read(PromptFiles.Read(path))
            : new ReleasedPrompt(PromptFile.Read(path), null, MayBeUnfolded(path) ? [Unfolded(path)] : []);
    }

    private static ReleasedPrompt Read(PromptFiles files)
    {
        var prompt = PromptFile.Read(files);
        try
        {
            var contract = files.Contract;
            if (contract is not null && (contract.VirtualTokenCount, contract.Backbone.HiddenSize) != (prompt.VirtualTokenCount, prompt.HiddenSize))
                throw AdapterException.ContractShape(files.Directory, contract, prompt);
            return new ReleasedPrompt(prompt, contract, []);
        }
        catch
        {
            prompt.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Prompt.Dispose();

    private IEnumerable<string> Check(string path, Backbone backbone, string model, bool allowMismatch)
    {
        if (Contract is null)
        {
            if (Prompt.HiddenSize != backbone.Model.Config.HiddenSize)
                throw BackboneException.PromptWidth(Prompt.HiddenSize, backbone.Model.Config.HiddenSize);
            return
            [
                $"'{path}' has no {PromptContract.FileName}, which says on which model a prompt was trained: that it was this one is not checked."
            ];
        }

        var differences = Contract.Backbone.Differences(BackboneIdentity.Of(backbone, model));
        if (differences.Count == 0)
            return [];
        var goesOn = allowMismatch && Prompt.HiddenSize == backbone.Model.Config.HiddenSize;
        return goesOn
            ? [AdapterException.Mismatch(path, Contract.Backbone, model, differences)]
            : throw AdapterException.AnotherBackbone(path, Contract.Backbone, model, differences);
    }

    private static string Unfolded(string path) =>
        $"'{path}' is named as the original saves its prompts: the rows as they stood before its network. "
        + "They are the prompt only if the run had no network (prefix_MLP None); a network is not folded in.";

    /// <summary>The original saves raw rows under this name; in a run directory of this library the file holds folded rows.</summary>
    private static bool MayBeUnfolded(string path) =>
        Path.GetFileName(path) == OriginalFileName && !File.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "run.json"));
}

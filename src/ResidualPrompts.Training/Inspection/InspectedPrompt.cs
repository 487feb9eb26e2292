using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Release;
using static TorchSharp.torch;

namespace ResidualPrompts.Inspection;

/// <summary>A prompt to look at: the released rows, and, when a run keeps them, its rows before the network and where both began.</summary>
public sealed class InspectedPrompt : IDisposable
{
    private readonly ReleasedPrompt _released;
    private readonly PromptHistory? _history;

    private InspectedPrompt(string path, ReleasedPrompt released, PromptHistory? history) => (Path, _released, _history) = (path, released, history);

    /// <summary>What it was read from.</summary>
    public string Path { get; }

    /// <summary>What the user should know, a line each.</summary>
    public IReadOnlyList<string> Warnings => _released.Warnings;

    /// <summary>The released rows, f32[P, H].</summary>
    public Tensor Rows => _released.Prompt.Parameters[Prompts.SoftPrompt.RowsName];

    /// <summary>Reads the prompt of a run, or a prompt of any kind that can be read.</summary>
    /// <param name="path">A run directory, an adapter directory or a file.</param>
    /// <param name="backbone">The backbone that it is looked at with.</param>
    /// <param name="model">The name or folder that the backbone was loaded by.</param>
    /// <param name="allowMismatch">Whether a prompt of another backbone is only warned of.</param>
    /// <exception cref="InputException">It is broken, does not fit, or belongs to another backbone.</exception>
    public static InspectedPrompt Read(string path, Backbone backbone, string model, bool allowMismatch = false)
    {
        var released = ReleasedPrompt.Load(RunDirectory.AdapterIn(path), backbone, model, allowMismatch);
        try
        {
            return new InspectedPrompt(path, released, PromptHistory.Read(new RunDirectory(path)));
        }
        catch
        {
            released.Dispose();
            throw;
        }
    }

    /// <summary>Looks at the released rows.</summary>
    /// <param name="vocabulary">The backbone's vocabulary.</param>
    /// <param name="count">Pieces to name for each row.</param>
    public IReadOnlyList<InspectedRow> Inspect(VocabularyView vocabulary, int count)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return vocabulary.Inspect(Rows, _history?.Start, count);
    }

    /// <summary>Looks at the rows before the network; null for a prompt that has none, or that came without its run.</summary>
    /// <param name="vocabulary">The backbone's vocabulary.</param>
    /// <param name="count">Pieces to name for each row.</param>
    public IReadOnlyList<InspectedRow>? InspectRaw(VocabularyView vocabulary, int count)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return _history?.Raw is { } raw ? vocabulary.Inspect(raw, _history.RawStart, count) : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _released.Dispose();
        _history?.Dispose();
    }
}

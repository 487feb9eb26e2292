using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Release;
using static TorchSharp.torch;

namespace ResidualPrompts.Inspection;

/// <summary>
/// A prompt under inspection: the released rows and, if the run kept them, the rows before the network and the initial rows of both.
/// </summary>
internal sealed class InspectedPrompt : IDisposable
{
    private readonly ReleasedPrompt _released;
    private readonly PromptHistory? _history;

    private InspectedPrompt(string path, ReleasedPrompt released, PromptHistory? history) => (Path, _released, _history) = (path, released, history);

    /// <summary>The path that it was read from.</summary>
    public string Path { get; }

    /// <summary>Notes for the user, one line each.</summary>
    public IReadOnlyList<string> Warnings => _released.Warnings;

    /// <summary>The released rows, f32[P, H].</summary>
    public Tensor Rows => _released.Prompt.Parameters[Prompts.SoftPrompt.RowsName];

    /// <summary>Reads the prompt of a run, or a prompt in any supported format.</summary>
    /// <param name="path">A run directory, an adapter directory or a file.</param>
    /// <param name="backbone">The backbone to inspect it with.</param>
    /// <param name="model">The name or folder that the backbone was loaded by.</param>
    /// <param name="allowMismatch">Whether a prompt of another backbone is only a warning.</param>
    /// <exception cref="InputException">The prompt is damaged, has the wrong shape, or belongs to another backbone.</exception>
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

    /// <summary>Inspects the released rows.</summary>
    /// <param name="vocabulary">The backbone's vocabulary.</param>
    /// <param name="count">Number of nearest tokens to list per row.</param>
    public IReadOnlyList<InspectedRow> Inspect(VocabularyView vocabulary, int count)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return vocabulary.Inspect(Rows, _history?.Start, count);
    }

    /// <summary>Inspects the rows before the network; null for a prompt without a network or without its run.</summary>
    /// <param name="vocabulary">The backbone's vocabulary.</param>
    /// <param name="count">Number of nearest tokens to list per row.</param>
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

using ResidualPrompts.Models.Weights;
using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Runs.Release;

/// <summary>
/// The initial rows of a run's prompt and its raw rows, to measure later how far it moved: <c>prompt_rows.safetensors</c>. A plain prompt has no
/// raw rows besides the released ones.
/// </summary>
internal sealed class PromptHistory : IDisposable
{
    private const string StartName = "start";
    private const string RawStartName = "start_raw";
    private const string RawName = "raw";

    private PromptHistory(Tensor start, Tensor? rawStart, Tensor? raw) => (Start, RawStart, Raw) = (start, rawStart, raw);

    /// <summary>The rows before the first step as given to the model, f32[P, H].</summary>
    internal Tensor Start { get; }

    /// <summary>The rows before the first step and before the network, f32[P, H]; null for a plain prompt.</summary>
    internal Tensor? RawStart { get; }

    /// <summary>The released rows before the network, f32[P, H]; null for a plain prompt, and until the run is finished.</summary>
    internal Tensor? Raw { get; }

    /// <summary>Copies the rows of a prompt before training.</summary>
    internal static PromptHistory Of(SoftPrompt prompt)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        return new PromptHistory(
            prompt.Forward().clone().DetachFromDisposeScope(),
            prompt is PlainPrompt ? null : prompt.Parameters[SoftPrompt.RowsName].detach().clone().DetachFromDisposeScope(),
            null);
    }

    /// <summary>Reads the file of a run; null when there is none.</summary>
    /// <exception cref="RunException">The file is damaged.</exception>
    internal static PromptHistory? Read(RunDirectory directory)
    {
        if (!File.Exists(directory.PromptRows))
            return null;
        try
        {
            using var file = SafetensorsFile.Open(directory.PromptRows);
            Tensor? Rows(string name) => file.Entries.ContainsKey(name) ? file.Read(name).DetachFromDisposeScope() : null;
            var start = Rows(StartName) ?? throw RunException.Damaged(directory.PromptRows, $"it has no '{StartName}'");
            return new PromptHistory(start, Rows(RawStartName), Rows(RawName));
        }
        catch (CheckpointException e) when (e.Kind != ProblemKind.Inaccessible)
        {
            throw RunException.Damaged(directory.PromptRows, e.Message);
        }
    }

    /// <summary>Writes the file, with the released raw rows, if any.</summary>
    internal void Write(RunDirectory directory, Tensor? raw = null)
    {
        var tensors = new Dictionary<string, Tensor?> { [StartName] = Start, [RawStartName] = RawStart, [RawName] = raw };
        var present = tensors.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!);
        SafetensorsWriter.Write(directory.PromptRows, present);
    }

    /// <summary>The bytes of the file of a finished run.</summary>
    internal static long SizeOf(SoftPrompt prompt)
    {
        string[] names = prompt is PlainPrompt ? [StartName] : [StartName, RawStartName, RawName];
        return SafetensorsWriter.SizeOf(names.ToDictionary(name => name, _ => TensorSource.OfShape(prompt.VirtualTokenCount, prompt.HiddenSize)));
    }

    public void Dispose()
    {
        Start.Dispose();
        RawStart?.Dispose();
        Raw?.Dispose();
    }
}

using static TorchSharp.torch;

namespace ResidualPrompts.Training;

/// <summary>Copies of a run's release: a folded prompt, trained weights, or both.</summary>
/// <param name="tensors">The copies by name; the snapshot owns them.</param>
internal sealed class TrainedSnapshot(IReadOnlyDictionary<string, Tensor> tensors) : IDisposable
{
    /// <summary>The copies by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors { get; } = tensors;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in Tensors.Values)
            tensor.Dispose();
    }
}

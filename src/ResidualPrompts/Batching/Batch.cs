using static TorchSharp.torch;

namespace ResidualPrompts.Batching;

/// <summary>A batch of examples, padded on the right to the longest. Dispose it when done.</summary>
internal sealed class Batch : IDisposable
{
    /// <summary>Marks a target position that counts neither in the loss nor in its gradient.</summary>
    public const int IgnoredId = -100;

    private Batch(Tensor inputIds, Tensor packedInputIds, int[] inputLengths, Tensor? targetIds) =>
        (InputIds, PackedInputIds, InputLengths, TargetIds) = (inputIds, packedInputIds, inputLengths, targetIds);

    /// <summary>Number of examples, B.</summary>
    public int Count => InputLengths.Length;

    /// <summary>Input ids i64[B, T]; padding after each example's length.</summary>
    public Tensor InputIds { get; }

    /// <summary>Input ids without padding, concatenated: i64[sum of the lengths].</summary>
    public Tensor PackedInputIds { get; }

    /// <summary>Valid input tokens of each example; all later positions are padding.</summary>
    public int[] InputLengths { get; }

    /// <summary>Target ids i64[B, L], <see cref="IgnoredId"/> at padding; null when an example has no target.</summary>
    public Tensor? TargetIds { get; }

    /// <summary>Creates a batch.</summary>
    /// <param name="examples">At least one. Inputs may be empty only where a prompt precedes them.</param>
    /// <param name="padId">Padding id.</param>
    /// <param name="device">Device of the tensors; default the CPU.</param>
    public static Batch Of(IReadOnlyList<EncodedExample> examples, int padId = 0, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfZero(examples.Count);
        var inputs = examples.Select(example => example.InputIds).ToList();
        var targets = examples.Select(example => example.TargetIds).OfType<int[]>().ToList();
        return new Batch(
            Padded(inputs, padId, device),
            tensor(inputs.SelectMany(ids => ids).Select(id => (long)id).ToArray(), device: device).DetachFromDisposeScope(),
            [.. inputs.Select(ids => ids.Length)],
            targets.Count == examples.Count ? Padded(targets, IgnoredId, device) : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        InputIds.Dispose();
        PackedInputIds.Dispose();
        TargetIds?.Dispose();
    }

    private static Tensor Padded(List<int[]> rows, long padding, Device? device)
    {
        var width = rows.Max(row => row.Length);
        var ids = new long[rows.Count * width];
        Array.Fill(ids, padding);
        for (var i = 0; i < rows.Count; i++)
        {
            for (var j = 0; j < rows[i].Length; j++)
                ids[(i * width) + j] = rows[i][j];
        }

        return tensor(ids, [rows.Count, width], device: device).DetachFromDisposeScope();
    }
}

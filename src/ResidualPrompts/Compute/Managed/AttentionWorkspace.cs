using System.Runtime.InteropServices;
using ResidualPrompts.Compute.Dropout;

namespace ResidualPrompts.Compute.Managed;

/// <summary>What one thread that attends writes to: some queries' logits at a time, which stay in its core's second cache.</summary>
internal sealed unsafe class AttentionWorkspace : IDisposable
{
    /// <summary>The most queries at a time.</summary>
    internal const int MaxQueries = 128;

    private const int Padding = 16; // so that rows do not fall on the same lines of a cache

    private readonly float* _room;
    private readonly float* _mask;

    /// <summary>Takes memory for it.</summary>
    /// <param name="kernel">Multiplies.</param>
    /// <param name="keyCount">The most keys of an example.</param>
    internal AttentionWorkspace(MicroKernel kernel, int keyCount)
    {
        var rowSize = ((keyCount + Padding - 1) / Padding * Padding) + Padding;
        var (panelRoom, blockRoom) = (PackedPanel.RoomFor(kernel.NR), MaxQueries * rowSize);
        _room = (float*)NativeMemory.Alloc((nuint)(panelRoom + (2 * blockRoom) + rowSize), sizeof(float));
        Product = new ViewGemm(kernel, new PackedPanel(_room, kernel.NR));
        (Weights, Gradients) = (new MatrixView(_room + panelRoom, rowSize), new MatrixView(_room + panelRoom + blockRoom, rowSize));
        _mask = _room + panelRoom + (2 * blockRoom);
        new Span<float>(_mask, rowSize).Clear(); // what stands behind a mask's end must be a number
    }

    /// <summary>Multiplies.</summary>
    internal ViewGemm Product { get; }

    /// <summary>Logits, then weights of the queries, [queries, keys].</summary>
    internal MatrixView Weights { get; }

    /// <summary>Their gradient.</summary>
    internal MatrixView Gradients { get; }

    /// <summary>Makes a row of a mask, readable up to a whole vector; null without a mask.</summary>
    internal float* FillMask(RowMask? mask, uint rowId, int keyCount)
    {
        if (mask is null)
            return null;
        mask.Fill(rowId, new Span<float>(_mask, keyCount));
        return _mask;
    }

    public void Dispose() => NativeMemory.Free(_room);
}

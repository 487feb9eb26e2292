using System.Runtime.InteropServices;
using ResidualPrompts.Compute.Dropout;

namespace ResidualPrompts.Compute.Managed.Attention;

/// <summary>Buffers of one thread: the logits of up to <see cref="MaxQueries"/> queries, which stay in the core's L2 cache.</summary>
internal sealed unsafe class AttentionWorkspace : IDisposable
{
    /// <summary>Maximum queries of a block.</summary>
    internal const int MaxQueries = 128;

    private const int Padding = 16; // so that rows do not map to the same cache sets

    private readonly float* _buffer;
    private readonly float* _mask;

    /// <summary>Allocates the buffers.</summary>
    /// <param name="kernel">The micro-kernel.</param>
    /// <param name="keyCount">Maximum keys of an example.</param>
    internal AttentionWorkspace(MicroKernel kernel, int keyCount)
    {
        var rowSize = ((keyCount + Padding - 1) / Padding * Padding) + Padding;
        var (panelSize, blockSize) = (PackedPanel.BufferSize(kernel.NR), MaxQueries * rowSize);
        _buffer = (float*)NativeMemory.Alloc((nuint)(panelSize + (2 * blockSize) + rowSize), sizeof(float));
        Product = new ViewGemm(kernel, new PackedPanel(_buffer, kernel.NR));
        (Weights, Gradients) = (new MatrixView(_buffer + panelSize, rowSize), new MatrixView(_buffer + panelSize + blockSize, rowSize));
        _mask = _buffer + panelSize + (2 * blockSize);
        new Span<float>(_mask, rowSize).Clear(); // a mask is read beyond its end, where NaN would propagate
    }

    /// <summary>Multiplies parts of matrices.</summary>
    internal ViewGemm Product { get; }

    /// <summary>Logits, and later weights, of the queries, [queries, keys].</summary>
    internal MatrixView Weights { get; }

    /// <summary>Their gradient.</summary>
    internal MatrixView Gradients { get; }

    /// <summary>Generates one row of a mask, readable up to a whole vector; returns null without a mask.</summary>
    internal float* FillMask(RowMask? mask, uint rowId, int keyCount)
    {
        if (mask is null)
            return null;
        mask.Fill(rowId, new Span<float>(_mask, keyCount));
        return _mask;
    }

    public void Dispose() => NativeMemory.Free(_buffer);
}

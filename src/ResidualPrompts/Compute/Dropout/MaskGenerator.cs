using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Dropout;

/// <summary>
/// A counter-based generator of dropout masks. An element is kept or dropped by a hash of (seed, place, row id, column), of which 16 bits are
/// compared with the rate. Nothing is drawn in sequence, so any number of threads can fill rows.
/// </summary>
internal sealed class MaskGenerator(double rate, ulong seed)
{
    private const int BlockSize = 16; // columns that one vector of eight 32-bit hashes decides
    private const int MinElementsForThreads = 1 << 16;
    private readonly uint _threshold = (uint)Math.Round(rate * (1 << 16));

    /// <summary>The id of an example's row; it does not depend on the layout.</summary>
    internal static uint RowId(int example, int position) => ((uint)example << 16) + (uint)position;

    /// <summary>Creates a mask with the shape, type and device of <paramref name="like"/>.</summary>
    /// <param name="place">Number of the mask.</param>
    /// <param name="rowIds">Ids of its rows (all dimensions but the last).</param>
    /// <param name="like">The tensor to mask.</param>
    /// <param name="kept">Value of kept elements.</param>
    /// <param name="dropped">Value of dropped elements.</param>
    internal Tensor Make(int place, uint[] rowIds, Tensor like, float kept, float dropped)
    {
        var mask = empty(like.shape, ScalarType.Float32);
        Write(place, rowIds, mask, kept, dropped);
        return mask.to(like.dtype, like.device);
    }

    /// <summary>Overwrites dropped elements in a tensor's own memory, unseen by autograd.</summary>
    /// <param name="place">Number of the mask.</param>
    /// <param name="rowIds">Ids of the tensor's rows.</param>
    /// <param name="x">Contiguous float32 on the CPU; no gradient may need its old values.</param>
    /// <param name="dropped">The value of dropped elements.</param>
    internal void Overwrite(int place, uint[] rowIds, Tensor x, float dropped) => Write(place, rowIds, x, null, dropped);

    /// <summary>Writes the first elements of one row of a mask.</summary>
    internal unsafe void WriteRow(int place, uint rowId, Span<float> row, float kept, float dropped)
    {
        fixed (float* start = row)
            FillRow(start, row.Length, RowKey(PlaceKey(place), rowId), kept, dropped);
    }

    private unsafe void Write(int place, uint[] rowIds, Tensor target, float? kept, float dropped)
    {
        if (target.numel() == 0)
            return;
        var columnCount = (int)(target.numel() / rowIds.Length);
        var key = PlaceKey(place);
        var partCount = target.numel() < MinElementsForThreads ? 1 : get_num_threads();
        fixed (byte* start = target.bytes)
        {
            var address = (nint)start;
            void Fill(int part)
            {
                var (from, to) = ((int)((long)rowIds.Length * part / partCount), (int)((long)rowIds.Length * (part + 1) / partCount));
                for (var row = from; row < to; row++)
                    FillRow((float*)address + ((long)row * columnCount), columnCount, RowKey(key, rowIds[row]), kept, dropped);
            }

            ComputeTeam.Run(partCount, partCount, parts =>
            {
                while (parts.TryTake(out var part))
                    Fill(part);
            });
        }
    }

    /// <param name="row">The row's elements.</param>
    /// <param name="columnCount">Their number.</param>
    /// <param name="key">The row's hash key.</param>
    /// <param name="kept">Value of kept elements; null leaves them unchanged.</param>
    /// <param name="dropped">Value of dropped elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void FillRow(float* row, int columnCount, uint key, float? kept, float dropped)
    {
        var (keptValues, droppedValues) = (Vector256.Create(kept ?? 0), Vector256.Create(dropped));
        var leaves = kept is null;
        var thresholds = Vector256.Create((int)_threshold);
        var counters = Vector256.Create(key) ^ Vector256<uint>.Indices;
        var column = 0;
        for (; column + BlockSize <= columnCount; column += BlockSize)
            Block(row + column);
        if (column == columnCount)
            return;
        var last = stackalloc float[BlockSize];
        var lastSize = (uint)(columnCount - column) * sizeof(float);
        Unsafe.CopyBlock(last, row + column, lastSize);
        Block(last);
        Unsafe.CopyBlock(row + column, last, lastSize);

        void Block(float* target)
        {
            var index = Vector256.Create((uint)column / 2); // a multiple of 8, so that ^ adds it
            var x = counters ^ index;
            x = (x ^ (x >>> 16)) * 0x7FEB352Du;
            x = (x ^ (x >>> 15)) * 0x846CA68Bu;
            x ^= x >>> 16;
            Half(target, (x & Vector256.Create(0xFFFFu)).AsInt32());
            Half(target + Vector256<float>.Count, (x >>> 16).AsInt32());
        }

        void Half(float* target, Vector256<int> hashes)
        {
            var values = leaves ? Vector256.Load(target) : keptValues;
            Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(hashes, thresholds).AsSingle(), values, droppedValues).Store(target);
        }
    }

    private uint PlaceKey(int place) => Hash((uint)seed ^ Hash((uint)(seed >> 32) + (0x9E3779B9u * ((uint)place + 1))));

    private static uint RowKey(uint placeKey, uint rowId) => Hash(placeKey ^ Hash(rowId));

    private static uint Hash(uint x)
    {
        x = (x ^ (x >> 16)) * 0x7FEB352Du;
        x = (x ^ (x >> 15)) * 0x846CA68Bu;
        return x ^ (x >> 16);
    }
}

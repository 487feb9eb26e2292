using System.Runtime.InteropServices;
using ResidualPrompts.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>The elements of a tensor as bytes: row-major, little-endian (libtorch only runs on little-endian machines).</summary>
internal static class TensorBytes
{
    /// <summary>Elements per block: a span cannot hold more than 2 GiB.</summary>
    private const long BlockSize = 1 << 24;

    /// <summary>
    /// The number of bytes, or null when it or a stride of the tensor overflows. A size of zero makes the product zero but not the strides, so
    /// zeros count as one in that check.
    /// </summary>
    public static long? Count(ScalarType elementType, ReadOnlySpan<long> shape)
    {
        long extent = elementType.ElementSize();
        foreach (var size in shape)
        {
            if (Math.BigMul(extent, Math.Max(size, 1)) > long.MaxValue)
            {
                return null;
            }

            extent *= Math.Max(size, 1);
        }

        return shape.Contains(0) ? 0 : extent;
    }

    /// <summary>Fills a new contiguous tensor on the CPU with bytes, block by block.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="read">Fills bytes that begin at a byte of the tensor.</param>
    public static void Fill(Tensor tensor, BlockReader read)
    {
        using var scope = NewDisposeScope();
        var elements = tensor.flatten(); // a view: the tensor is contiguous
        for (var begin = 0L; begin < elements.NumberOfElements; begin += BlockSize)
        {
            using var block = elements.narrow(0, begin, Math.Min(BlockSize, elements.NumberOfElements - begin));
            read(block.bytes, begin * tensor.ElementSize);
        }
    }

    /// <summary>Fills bytes that begin at an offset.</summary>
    internal delegate void BlockReader(Span<byte> bytes, long offset);

    /// <summary>The <see cref="BlockHash"/> of a tensor's bytes, block by block.</summary>
    public static ulong Hash(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var elements = tensor.detach().contiguous().flatten();
        var blocks = new List<ulong>();
        for (var begin = 0L; begin < elements.NumberOfElements; begin += BlockSize)
        {
            using var block = elements.narrow(0, begin, Math.Min(BlockSize, elements.NumberOfElements - begin));
            blocks.Add(BlockHash.Of(block.bytes));
        }

        return blocks is [var only] ? only : BlockHash.Of(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(blocks)));
    }

    /// <summary>Writes the bytes of a tensor on any device and with any strides.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var elements = tensor.detach().cpu().contiguous().flatten();
        for (var begin = 0L; begin < elements.NumberOfElements; begin += BlockSize)
        {
            using var block = elements.narrow(0, begin, Math.Min(BlockSize, elements.NumberOfElements - begin));
            stream.Write(block.bytes);
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// One digest of a model's weights, over names, shapes and bfloat16 values. It is the same however the weights are stored (one file or shards,
/// float32 or bfloat16). docs/formats.md describes how to compute it elsewhere.
/// </summary>
internal static class WeightDigest
{
    /// <summary>Elements per block and thread.</summary>
    private const long BlockSize = 1 << 20;

    /// <summary>Threads; each holds one weight.</summary>
    private const int MostThreads = 4;

    /// <summary>The digest in lower-case hex.</summary>
    /// <param name="weights">Floating-point tensors on the CPU by name, in their stored types; they are converted block by block.</param>
    public static string Of(IReadOnlyDictionary<string, Tensor> weights) => Of(
        weights.ToDictionary(pair => pair.Key, pair => new TensorSource(pair.Value.dtype, pair.Value.shape, () => pair.Value)));

    /// <summary>The digest of weights that are read one at a time in each of a few threads, and disposed at once.</summary>
    internal static string Of(IReadOnlyDictionary<string, TensorSource> weights)
    {
        var lines = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var largestFirst = weights.OrderByDescending(pair => pair.Value.Shape.Aggregate(1L, (product, size) => product * size)).ToList();
        Parallel.ForEach(
            Partitioner.Create(largestFirst, EnumerablePartitionerOptions.NoBuffering),
            new ParallelOptions { MaxDegreeOfParallelism = Math.Min(MostThreads, Environment.ProcessorCount) },
            pair =>
            {
                using var scope = NewDisposeScope();
                lines[pair.Key] = $"{pair.Key} {string.Join(',', pair.Value.Shape)} {OfValues(pair.Value.Make())}\n";
            });
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in lines.Keys.Order(StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(lines[name]));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string OfValues(Tensor tensor)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var scope = NewDisposeScope();
        var elements = tensor.detach().contiguous().flatten();
        var buffer = new ushort[Math.Min(BlockSize, elements.NumberOfElements)];
        for (var begin = 0L; begin < elements.NumberOfElements; begin += BlockSize)
        {
            using var blockScope = NewDisposeScope();
            var block = elements.narrow(0, begin, Math.Min(BlockSize, elements.NumberOfElements - begin));
            var values = buffer.AsSpan(0, (int)block.NumberOfElements);
            if (block.dtype == ScalarType.BFloat16)
                Bfloat16.Canonicalize(MemoryMarshal.Cast<byte, ushort>(block.bytes), values);
            else
                Bfloat16.Round(MemoryMarshal.Cast<byte, uint>(block.to_type(ScalarType.Float32).bytes), values);
            hash.AppendData(MemoryMarshal.AsBytes(values));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

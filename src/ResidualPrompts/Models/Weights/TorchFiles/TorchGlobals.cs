using TorchSharp;
using static ResidualPrompts.Models.Weights.ErrorText;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>A Python name in a pickle of tensors.</summary>
internal sealed record TorchGlobal(string Name, ScalarType? ElementType = null);

/// <summary>
/// The Python names that tensors need, and the results of calling them. No others are known, so nothing in a pickle is ever run. Source:
/// torch/_utils.py and torch/serialization.py of PyTorch.
/// </summary>
internal static class TorchGlobals
{
    private const string OrderedDictionary = "collections.OrderedDict";
    private const string RebuildTensor = "torch._utils._rebuild_tensor";
    private const string RebuildTensor2 = "torch._utils._rebuild_tensor_v2";
    private const string RebuildParameter = "torch._utils._rebuild_parameter";

    /// <summary>libtorch's limit on dimensions.</summary>
    private const int LargestRank = 64;

    /// <summary>An expanded tensor repeats elements of a small storage; a larger one was not trained by anybody.</summary>
    private const long LargestExpansion = 1 << 26;

    private static readonly Dictionary<string, TorchGlobal> Known = new TorchGlobal[]
    {
        new(OrderedDictionary),
        new(RebuildTensor),
        new(RebuildTensor2),
        new(RebuildParameter),
        new("torch.DoubleStorage", ScalarType.Float64),
        new("torch.FloatStorage", ScalarType.Float32),
        new("torch.HalfStorage", ScalarType.Float16),
        new("torch.BFloat16Storage", ScalarType.BFloat16),
        new("torch.LongStorage", ScalarType.Int64),
        new("torch.IntStorage", ScalarType.Int32),
        new("torch.ByteStorage", ScalarType.Byte),
        new("torch.BoolStorage", ScalarType.Bool),
    }.ToDictionary(global => global.Name, StringComparer.Ordinal);

    /// <summary>The global of this name, or null.</summary>
    public static TorchGlobal? Find(string name) => Known.GetValueOrDefault(name);

    /// <summary>Returns the result of a call; <paramref name="invalid"/> creates an exception from what was expected and found.</summary>
    public static object Call(TorchGlobal global, object?[] arguments, Func<string, string, Exception> invalid) => (global.Name, arguments) switch
    {
        (OrderedDictionary, []) => new PickleDictionary([]),
        (RebuildTensor, [TorchStorage storage, long offset, PickleTuple shape, PickleTuple strides]) =>
            View(storage, offset, shape, strides, invalid),
        (RebuildTensor2, [TorchStorage storage, long offset, PickleTuple shape, PickleTuple strides, bool, PickleDictionary or null, .. var more])
            when more is [] or [null] or [PickleDictionary { Items: [] }] => View(storage, offset, shape, strides, invalid),
        (RebuildParameter, [TorchTensor tensor, bool, PickleDictionary or null]) => tensor,
        _ => throw invalid($"the arguments of {global.Name}", $"{arguments.Length} other ones"),
    };

    /// <summary>Returns the storage of a persistent id: ("storage", its type, its key, its device, its number of elements).</summary>
    public static TorchStorage Storage(object? id, Func<string, string, Exception> invalid) => id switch
    {
        PickleTuple { Items: ["storage", TorchGlobal { ElementType: { } type }, string key, string, long count] } when count >= 0 =>
            new(key, type, count),
        _ => throw invalid("a persistent id of a storage", "another one"),
    };

    private static TorchTensor View(TorchStorage storage, long offset, PickleTuple sizes, PickleTuple steps, Func<string, string, Exception> invalid)
    {
        if (sizes.Items.Length != steps.Items.Length || sizes.Items.Length > LargestRank || offset < 0)
        {
            throw invalid(
                $"as many strides as sizes, at most {LargestRank}, and an offset", $"{steps.Items.Length}, {sizes.Items.Length} and {offset}");
        }

        var shape = Array.ConvertAll(sizes.Items, Count);
        var strides = Array.ConvertAll(steps.Items, Count);
        Int128 last = offset;
        for (var dimension = 0; dimension < shape.Length; dimension++)
        {
            last += (Int128)Math.Max(0, shape[dimension] - 1) * strides[dimension];
        }

        var bytes = TensorBytes.Count(storage.ElementType, shape);
        if (bytes is null || (bytes > 0 && last >= storage.Count))
        {
            throw invalid(
                $"a tensor within the {storage.Count} elements of its storage", $"{Shape(shape)} with strides {Shape(strides)} from {offset}");
        }

        var isExpanded = bytes / storage.ElementType.ElementSize() > storage.Count;
        return isExpanded && bytes > LargestExpansion
            ? throw invalid($"a tensor of no more than the {storage.Count} elements of its storage, or {LargestExpansion} bytes", Shape(shape))
            : new TorchTensor(storage, offset, shape, strides);

        long Count(object? item) => item is long count and >= 0 ? count : throw invalid("sizes and strides from 0 to 2^63 - 1", "another value");
    }
}

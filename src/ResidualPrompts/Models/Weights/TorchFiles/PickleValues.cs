using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>A tuple in a pickle. Other values are null, bool, long, double, string, and the types below.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A list in a pickle.</summary>
internal sealed record PickleList(List<object?> Items);

/// <summary>A dict or an OrderedDict in a pickle, in order; as in Python, the last value of a key wins.</summary>
internal sealed record PickleDictionary(List<KeyValuePair<object?, object?>> Items);

/// <summary>The storage of one or more tensors: <c>Count</c> elements in the entry <c>FOLDER/data/Key</c>.</summary>
internal sealed record TorchStorage(string Key, ScalarType ElementType, long Count);

/// <summary>A tensor as a view of a storage. Sizes, strides and offset count elements.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Whether two tensors are the same view of the same elements, as tied weights are.</summary>
    public bool IsSameView(TorchTensor other) =>
        Storage == other.Storage && Offset == other.Offset && Shape.AsSpan().SequenceEqual(other.Shape)
            && Strides.AsSpan().SequenceEqual(other.Strides);
}

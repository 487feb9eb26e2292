using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights.TorchFiles;

/// <summary>A tuple in a pickle. Its other values are null, bool, long, double, string, and the types below.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A list in a pickle.</summary>
internal sealed record PickleList(List<object?> Items);

/// <summary>A dict or an OrderedDict in a pickle, in its order; Python lets a key's last value win.</summary>
internal sealed record PickleDictionary(List<KeyValuePair<object?, object?>> Items);

/// <summary>What torch.save keeps in an entry of its own: <c>Count</c> elements for one or more tensors, in <c>FOLDER/data/Key</c>.</summary>
internal sealed record TorchStorage(string Key, ScalarType ElementType, long Count);

/// <summary>A tensor as a view of a storage; sizes, strides and offset count elements.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides)
{
    /// <summary>Whether two are the same view of the same elements, as tied weights are.</summary>
    public bool IsSameView(TorchTensor other) =>
        Storage == other.Storage && Offset == other.Offset && Shape.AsSpan().SequenceEqual(other.Shape)
            && Strides.AsSpan().SequenceEqual(other.Strides);
}

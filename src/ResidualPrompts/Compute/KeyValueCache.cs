using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>Keys and values of one decoder layer's self-attention for the positions generated so far.</summary>
internal sealed class KeyValueCache(Tensor keys, Tensor values) // both [B, heads, capacity, size]
{
    private long _length;

    internal Tensor[] Tensors => [keys, values];

    /// <summary>Stores keys and values of new positions [B, heads, N, size] and returns those of all positions so far.</summary>
    internal (Tensor Keys, Tensor Values) Append(Tensor newKeys, Tensor newValues)
    {
        var added = newKeys.shape[2];
        keys.narrow(2, _length, added).copy_(newKeys);
        values.narrow(2, _length, added).copy_(newValues);
        _length += added;
        return (keys.narrow(2, 0, _length), values.narrow(2, 0, _length));
    }
}

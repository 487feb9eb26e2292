using System.Text.Json;

namespace ResidualPrompts.Compute;

/// <summary>The operations of a T5 that either libtorch or the managed kernels compute; a value is a set of them.</summary>
[Flags]
internal enum Operations
{
    /// <summary>The empty set.</summary>
    None = 0,

    /// <summary><see cref="TensorOps.Linear"/>: in prompt tuning, the output layer.</summary>
    Linear = 1,

    /// <summary>The products of <see cref="TensorOps.NormedLinear"/>, together with the norm where both are managed.</summary>
    NormedLinear = 2,

    /// <summary><see cref="TensorOps.AddLinear"/></summary>
    AddLinear = 4,

    /// <summary><see cref="TensorOps.Norm"/>: the last norm of encoder and decoder, and the norm before products that libtorch computes.</summary>
    Norm = 8,

    /// <summary><see cref="TensorOps.SelfAttention"/> of the encoder, without dropout of its weights.</summary>
    SelfAttention = 16,

    /// <summary>The same with dropout.</summary>
    SelfAttentionWithDropout = 32,

    /// <summary><see cref="TensorOps.CrossAttention"/> that absorbs projections.</summary>
    CrossAttention = 64,

    /// <summary>All products with weights.</summary>
    Products = Linear | NormedLinear | AddLinear,

    /// <summary>All attention.</summary>
    Attention = SelfAttention | SelfAttentionWithDropout | CrossAttention,

    /// <summary>All operations.</summary>
    All = Products | Norm | Attention,
}

/// <summary>Single operations and their names in records.</summary>
internal static class OperationNames
{
    /// <summary>Every operation and its name, in the order of a record.</summary>
    internal static IReadOnlyDictionary<Operations, string> All { get; } = new OrderedDictionary<Operations, string>(
        Enum.GetValues<Operations>().Where(set => int.IsPow2((int)set))
            .Select(operation => KeyValuePair.Create(operation, JsonNamingPolicy.SnakeCaseLower.ConvertName(operation.ToString()))));

    /// <summary>The single operations of a set.</summary>
    internal static IEnumerable<Operations> Each(this Operations set) => All.Keys.Where(operation => set.HasFlag(operation));
}

using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>Describes one tensor of a safetensors file.</summary>
internal sealed class SafetensorsEntry
{
    internal SafetensorsEntry(string key, ScalarType elementType, long[] shape, long begin, long end)
    {
        Key = key;
        ElementType = elementType;
        Dimensions = shape;
        Begin = begin;
        End = end;
    }

    /// <summary>The key, for example <c>shared.weight</c>.</summary>
    public string Key { get; }

    /// <summary>The type of the stored elements.</summary>
    public ScalarType ElementType { get; }

    /// <summary>Sizes of the dimensions; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape => Dimensions;

    /// <summary>Whether the elements are floating-point numbers.</summary>
    public bool IsFloating => SafetensorsElementType.IsFloating(ElementType);

    /// <summary>The shape as an array, for torch functions; it must not be changed.</summary>
    internal long[] Dimensions { get; }

    /// <summary>Offset of the first byte in the data behind the header.</summary>
    internal long Begin { get; }

    /// <summary>Offset behind the last byte.</summary>
    internal long End { get; }

    /// <summary>The same bytes under another key.</summary>
    internal SafetensorsEntry Named(string key) => key == Key ? this : new(key, ElementType, Dimensions, Begin, End);
}

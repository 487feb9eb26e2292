using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>The supported element types of safetensors files, by their names in the format.</summary>
internal static class SafetensorsElementType
{
    private static readonly (string Name, ScalarType Type)[] Known =
    [
        ("F64", ScalarType.Float64),
        ("F32", ScalarType.Float32),
        ("F16", ScalarType.Float16),
        ("BF16", ScalarType.BFloat16),
        ("I64", ScalarType.Int64),
        ("I32", ScalarType.Int32),
        ("U8", ScalarType.Byte),
        ("BOOL", ScalarType.Bool),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", Known.Select(known => known.Name));

    public static ScalarType? Find(string name)
    {
        var index = Array.FindIndex(Known, known => known.Name == name);
        return index < 0 ? null : Known[index].Type;
    }

    public static bool IsKnown(ScalarType type) => Array.Exists(Known, known => known.Type == type);

    public static string NameOf(ScalarType type) => Array.Find(Known, known => known.Type == type).Name;

    public static bool IsFloating(ScalarType type) =>
        type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;
}

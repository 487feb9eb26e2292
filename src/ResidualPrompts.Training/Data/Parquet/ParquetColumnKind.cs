using System.Text.Json;

namespace ResidualPrompts.Data.Parquet;

/// <summary>The common type of a column's values when JSON rows are written as Parquet.</summary>
internal enum ParquetColumnKind
{
    /// <summary>Only nulls so far.</summary>
    None,

    /// <summary>Booleans.</summary>
    Boolean,

    /// <summary>64-bit integers.</summary>
    Integer,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Lists of 64-bit integers.</summary>
    Integers,

    /// <summary>Lists of numbers.</summary>
    Numbers,

    /// <summary>Strings; other values are written as JSON.</summary>
    Text,
}

/// <summary>Combines the kinds of values into the kind of their column.</summary>
internal static class ParquetColumnKinds
{
    /// <summary>The kind that fits the values of a column so far and one more.</summary>
    public static ParquetColumnKind With(this ParquetColumnKind kind, JsonElement value)
    {
        var more = Of(value);
        if (more == kind || more == ParquetColumnKind.None)
            return kind;
        return (kind, more) switch
        {
            (ParquetColumnKind.None, _) => more,
            (ParquetColumnKind.Integer or
                ParquetColumnKind.Number, ParquetColumnKind.Integer or ParquetColumnKind.Number) => ParquetColumnKind.Number,
            (ParquetColumnKind.Integers or
                ParquetColumnKind.Numbers, ParquetColumnKind.Integers or ParquetColumnKind.Numbers) => ParquetColumnKind.Numbers,
            _ => ParquetColumnKind.Text,
        };
    }

    private static ParquetColumnKind Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => ParquetColumnKind.None,
        JsonValueKind.True or JsonValueKind.False => ParquetColumnKind.Boolean,
        JsonValueKind.Number => value.TryGetInt64(out _) ? ParquetColumnKind.Integer : ParquetColumnKind.Number,
        JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.Number) =>
            value.EnumerateArray().All(item => item.TryGetInt64(out _)) ? ParquetColumnKind.Integers : ParquetColumnKind.Numbers,
        _ => ParquetColumnKind.Text,
    };
}

using System.Text.Json;

namespace ResidualPrompts.Data.Parquet;

/// <summary>What the values of a column have in common, where JSON rows are to become Parquet.</summary>
internal enum ParquetColumnKind
{
    /// <summary>Nothing but null so far.</summary>
    None,

    /// <summary>true and false.</summary>
    Boolean,

    /// <summary>Whole numbers of 64 bits.</summary>
    Integer,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Lists of whole numbers of 64 bits.</summary>
    Integers,

    /// <summary>Lists of numbers.</summary>
    Numbers,

    /// <summary>Texts; all else is written as JSON.</summary>
    Text,
}

/// <summary>Finds the kind of a column.</summary>
internal static class ParquetColumnKinds
{
    /// <summary>The kind that holds the values of a column so far and one more.</summary>
    public static ParquetColumnKind With(this ParquetColumnKind kind, JsonElement value)
    {
        var more = Of(value);
        if (more == kind || more == ParquetColumnKind.None)
            return kind;
        return (kind, more) switch
        {
            (ParquetColumnKind.None, _) => more,
            (ParquetColumnKind.Integer or ParquetColumnKind.Number, ParquetColumnKind.Integer or ParquetColumnKind.Number) => ParquetColumnKind.Number,
            (ParquetColumnKind.Integers or ParquetColumnKind.Numbers, ParquetColumnKind.Integers or ParquetColumnKind.Numbers) => ParquetColumnKind.Numbers,
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

using System.Globalization;
using System.Text.Json;

namespace ResidualPrompts.Data.Parquet;

/// <summary>
/// The types of column that can hold all values so far without changing one of them, when JSON rows are written as Parquet. The first of them is
/// chosen.
/// </summary>
[Flags]
internal enum ParquetColumnKinds
{
    /// <summary>Booleans.</summary>
    Boolean = 1,

    /// <summary>64-bit integers.</summary>
    Integer = 2,

    /// <summary>64-bit integers without sign.</summary>
    Unsigned = 4,

    /// <summary>Double-precision numbers.</summary>
    Number = 8,

    /// <summary>Lists of 64-bit integers.</summary>
    Integers = 16,

    /// <summary>Lists of double-precision numbers.</summary>
    Numbers = 32,

    /// <summary>Strings; other values are written as JSON.</summary>
    Text = 64,

    /// <summary>Only nulls so far.</summary>
    All = 127,
}

/// <summary>Finds the types of column that can hold a value.</summary>
internal static class ParquetColumnKindsOf
{
    /// <summary>The types that can hold a value and give it back with the same digits, or, of a fraction, with the same value.</summary>
    public static ParquetColumnKinds Value(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return ParquetColumnKinds.All;
            case JsonValueKind.True or JsonValueKind.False:
                return ParquetColumnKinds.Boolean | ParquetColumnKinds.Text;
            case JsonValueKind.Number:
                return Number(value);
            case JsonValueKind.Array:
                var common = ParquetColumnKinds.Integer | ParquetColumnKinds.Number;
                foreach (var item in value.EnumerateArray())
                    common &= item.ValueKind == JsonValueKind.Number ? Number(item) : 0;
                return ParquetColumnKinds.Text
                    | (common.HasFlag(ParquetColumnKinds.Integer) ? ParquetColumnKinds.Integers : 0)
                    | (common.HasFlag(ParquetColumnKinds.Number) ? ParquetColumnKinds.Numbers : 0);
            default:
                return ParquetColumnKinds.Text;
        }
    }

    private static ParquetColumnKinds Number(JsonElement value)
    {
        var written = value.GetRawText();
        var kinds = ParquetColumnKinds.Text;
        if (value.TryGetInt64(out _) && written != "-0")
            kinds |= ParquetColumnKinds.Integer;
        if (value.TryGetUInt64(out _) && written != "-0")
            kinds |= ParquetColumnKinds.Unsigned;
        if (value.TryGetDouble(out var number) && double.IsFinite(number) && IsExact(written, number.ToString(CultureInfo.InvariantCulture)))
            kinds |= ParquetColumnKinds.Number;
        return kinds;
    }

    /// <summary>Whole numbers must keep their spelling: the digits of a large one are a name more often than a quantity.</summary>
    private static bool IsExact(string written, string kept) =>
        written == kept || (written.AsSpan().ContainsAny(".eE") && Normal(written) is { } normal && normal == Normal(kept));

    /// <summary>Sign, digits without zeros at either end, and exponent of a number.</summary>
    private static (bool, string, long)? Normal(string number)
    {
        var cut = number.AsSpan().IndexOfAny('e', 'E');
        var exponent = 0L;
        if (cut >= 0 && (!long.TryParse(number.AsSpan(cut + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            || Math.Abs((double)exponent) > int.MaxValue))
        {
            return null;
        }

        var plain = (cut < 0 ? number : number[..cut]).TrimStart('-');
        var point = plain.IndexOf('.', StringComparison.Ordinal);
        exponent -= point < 0 ? 0 : plain.Length - point - 1;
        var digits = plain.Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        var significant = digits.TrimEnd('0');
        return (number.StartsWith('-'), significant, significant.Length == 0 ? 0 : exponent + digits.Length - significant.Length);
    }
}

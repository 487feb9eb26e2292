using System.Numerics;

namespace ResidualPrompts.Tokenization.Normalization;

/// <summary>Length of characters in UTF-8.</summary>
internal static class Utf8Character
{
    /// <summary>The number of bytes of the character that starts with this byte; 1 for a byte that starts none.</summary>
    public static int Length(byte first) => first < 0xC0 ? 1 : Math.Min(BitOperations.LeadingZeroCount(~((uint)first << 24)), 4);
}

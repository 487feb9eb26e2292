using System.Numerics;

namespace ResidualPrompts.Tokenization;

/// <summary>How long characters are in UTF-8.</summary>
internal static class Utf8Character
{
    /// <summary>The bytes of the character that starts with this one; 1 for a byte that starts none.</summary>
    public static int Length(byte first) => first < 0xC0 ? 1 : Math.Min(BitOperations.LeadingZeroCount(~((uint)first << 24)), 4);
}

using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>Hides the padded end of each row from attention.</summary>
internal static class PaddingMask
{
    /// <summary>[B, 1, 1, width], 0 at valid keys and minus infinity at padding; null when no row is padded.</summary>
    internal static Tensor? Of(ReadOnlySpan<int> lengths, int width, Device device, ScalarType type)
    {
        if (lengths.IndexOfAnyExcept(width) < 0)
            return null;
        var valid = new long[lengths.Length];
        for (var i = 0; i < valid.Length; i++)
            valid[i] = lengths[i];
        var hidden = arange(width, ScalarType.Int64, device).unsqueeze(0).ge(tensor(valid, device: device).unsqueeze(1)); // [B, width]
        return zeros(hidden.shape, type, device).masked_fill(hidden, float.NegativeInfinity).unsqueeze(1).unsqueeze(1);
    }
}

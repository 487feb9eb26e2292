using System.Text;

namespace ResidualPrompts.Tests.Models.Weights;

/// <summary>Safetensors files put together by hand, valid or not.</summary>
internal static class RawSafetensors
{
    public static byte[] Bytes(string json, byte[] data) =>
        [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(json)), .. Encoding.UTF8.GetBytes(json), .. data];

    public static void Write(string path, string json, byte[] data) => File.WriteAllBytes(path, Bytes(json, data));
}

using System.Text;

namespace ResidualPrompts.Tests.Models.Weights;

/// <summary>Files of .npy version 1.0 put together by hand, valid or not.</summary>
internal static class RawNpy
{
    public static byte[] Bytes(string header, byte[] data) =>
        [0x93, .. "NUMPY"u8, 1, 0, .. BitConverter.GetBytes((ushort)header.Length), .. Encoding.ASCII.GetBytes(header), .. data];
}

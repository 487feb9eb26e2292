using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

/// <summary>The libLibTorchSharp.so of the TorchSharp package, as it lies beside the tests.</summary>
internal static class ShippedLibrary
{
    internal const string FileName = "libLibTorchSharp.so";

    internal static string Folder { get; } =
        NativeFolders.Candidates().FirstOrDefault(folder => File.Exists(Path.Combine(folder, FileName))) ?? "";

    internal static bool Exists => Folder.Length > 0;

    internal static byte[] Bytes() => File.ReadAllBytes(Path.Combine(Folder, FileName));

    /// <summary>Where the flags of the reference to GLIBCXX_3.4.32 lie: found by its hash, not by the code under test.</summary>
    internal static int FlagsOffset(byte[] file)
    {
        var hash = BitConverter.GetBytes(HashOf(ElfVersionPatch.VersionName));
        var at = file.AsSpan().IndexOf(hash);
        file.AsSpan(at + 1).IndexOf(hash).Should().Be(-1, "the hash must be found once only");
        return at + 4;
    }

    // The hash of the System V ABI, which Vernaux entries begin with.
    private static uint HashOf(string name) => name.Aggregate(0u, (hash, character) =>
    {
        hash = (hash << 4) + character;
        var high = hash & 0xF0000000;
        return (hash ^ (high >> 24)) & ~high;
    });
}

using ICSharpCode.SharpZipLib.GZip;
using ResidualPrompts.Files;

namespace ResidualPrompts.Data.Text;

/// <summary>Opens data files. A file that begins like gzip is unpacked while it is read, whatever its name.</summary>
internal static class DataStream
{
    /// <summary>The extension of packed files, after the extension of their content.</summary>
    public const string PackedExtension = ".gz";

    // Below this size, no compression ratio is suspicious.
    private const long UnpackedWithoutDoubt = 1L << 28;
    private const int LargestRatio = 200;

    /// <exception cref="DataException">The file cannot be opened.</exception>
    /// <param name="path">The file.</param>
    /// <param name="onProgress">Called after each read with the fraction of the (packed) file read so far.</param>
    public static Stream Open(string path, Action<double>? onProgress = null)
    {
        var file = OpenFile(path);
        void Tell() => onProgress?.Invoke((double)file.Position / Math.Max(1, file.Length));
        if (!IsPacked(file))
            return onProgress is null || !file.CanSeek ? file : new CheckedStream(file, path, _ => Tell());
        return new CheckedStream(new GZipInputStream(file), path, unpacked =>
        {
            CheckRatio(path, file.Position, unpacked);
            Tell();
        });
    }

    /// <summary>Opens a file for reading anywhere in it; a packed one is unpacked into a temporary file, deleted on close.</summary>
    /// <exception cref="DataException">The file cannot be opened or unpacked.</exception>
    public static Stream OpenSeekable(string path)
    {
        var stream = Open(path);
        if (stream is FileStream)
            return stream;
        using (stream)
        {
            var temporary = Disk.Scratch();
            try
            {
                stream.CopyTo(temporary);
                temporary.Position = 0;
                return temporary;
            }
            catch (Exception e)
            {
                temporary.Dispose();
                throw e is IOException ? DataException.Unreadable(path, $"it cannot be unpacked into {Path.GetTempPath()}: {e.Message}") : e;
            }
        }
    }

    /// <summary>Refuses a pipe or a device in place of a file that was found in a folder.</summary>
    public static void RequirePlain(string path) => PlainFile.Require(path);

    private static FileStream OpenFile(string path)
    {
        try
        {
            return PlainFile.OpenNamed(path, bufferSize: 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            {
                var reason = File.Exists(path) ? e.Message : Directory.Exists(path) ? "it is a folder, not a file"
                    : $"no such file.{NearestPath.Hint(path)}";
                throw DataException.Unreadable(path, reason);
            }
        }
    }

    private static bool IsPacked(FileStream file)
    {
        if (!file.CanSeek)
            return false;
        Span<byte> start = stackalloc byte[2];
        var isPacked = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.SequenceEqual<byte>([0x1F, 0x8B]);
        file.Position = 0;
        return isPacked;
    }

    /// <summary>Text compresses to a tenth of its size; a file that compresses to less than 1/200 was made to fill memory and disk.</summary>
    private static void CheckRatio(string path, long packed, long unpacked)
    {
        if (unpacked > UnpackedWithoutDoubt && unpacked / LargestRatio > packed)
        {
            throw DataException.Unreadable(
                path,
                $"its first {packed} bytes unpack to more than {unpacked}, over {LargestRatio} times as many, which no data does; "
                + "if it is right, unpack it yourself");
        }
    }
}

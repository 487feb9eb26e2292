using ResidualPrompts.Files;

namespace ResidualPrompts.Tokenization;

/// <summary>Reads a tokenizer's file as a whole, with this library's error messages.</summary>
internal static class TokenizerFile
{
    /// <summary>Reads all bytes of a file that exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">A file with more bytes is refused before anything is read.</param>
    /// <exception cref="TokenizerException">The file is unreadable or too large.</exception>
    public static byte[] Read(string path, long longest)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= longest ? PlainFile.Read(path, longest) : throw TokenizerException.FileTooLarge(path, length, longest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TokenizerException.UnreadableFile(path, e);
        }
    }
}

namespace ResidualPrompts.Tokenization;

/// <summary>Reads a file of a tokenizer as a whole, with messages of our own.</summary>
internal static class TokenizerFile
{
    /// <summary>Reads all bytes of a file that exists.</summary>
    /// <param name="path">The file.</param>
    /// <param name="longest">More bytes than that are refused before anything is read.</param>
    /// <exception cref="TokenizerException">The file cannot be read or is too large.</exception>
    public static byte[] Read(string path, long longest)
    {
        try
        {
            var length = new FileInfo(path).Length;
            return length <= longest ? File.ReadAllBytes(path) : throw TokenizerException.FileTooLarge(path, length, longest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TokenizerException.UnreadableFile(path, e);
        }
    }
}

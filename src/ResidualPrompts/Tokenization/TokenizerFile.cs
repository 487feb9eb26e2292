using System.Text.Json;
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

    /// <summary>Reads a file of settings, which is a JSON object.</summary>
    /// <param name="path">The file.</param>
    /// <param name="read">Reads the object; what it returns must not refer to it.</param>
    /// <param name="longest">A file with more bytes is refused before anything is read.</param>
    /// <exception cref="TokenizerException">The file is unreadable, too large, or not a JSON object.</exception>
    public static T ReadJson<T>(string path, Func<JsonElement, T> read, long longest = 16 << 20)
    {
        try
        {
            using var document = JsonFile.Document(Read(path, longest));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw TokenizerException.BrokenConfig(path, $"expected a JSON object, found {document.RootElement.ValueKind}.");
        }
        catch (Exception e) when (JsonProblem.IsOne(e))
        {
            throw TokenizerException.BrokenConfig(path, $"it is not JSON: {JsonProblem.Of(e)}", e);
        }
    }
}

using ResidualPrompts.Files;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Writes a file that the user requested, atomically; error messages name it.</summary>
internal static class ReplacedFile
{
    internal static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text), $"{path} could not be written");

    /// <summary>Writes bytes to a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its content.</param>
    /// <param name="failure">Start of the error message, followed by the reason.</param>
    /// <exception cref="UsageException">The file cannot be written.</exception>
    internal static void Write(string path, byte[] content, string failure)
    {
        try
        {
            AtomicFile.Write(path, stream => stream.Write(content));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{failure}: {e.Message}");
        }
    }
}

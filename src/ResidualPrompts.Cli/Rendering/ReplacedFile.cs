using ResidualPrompts.Files;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>A file that a user asked for, which appears whole or not at all; an error names it.</summary>
internal static class ReplacedFile
{
    internal static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text), $"{path} could not be written");

    /// <summary>Writes bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="content">Its content.</param>
    /// <param name="failure">What to say before the reason where it cannot be written.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
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

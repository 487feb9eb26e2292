namespace ResidualPrompts.Cli.Rendering;

/// <summary>Writes a text file that appears whole or not at all.</summary>
internal static class ReplacedFile
{
    internal static void Write(string path, string text)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}.tmp";
        try
        {
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw new UsageException($"{path} could not be written: {e.Message}");
        }
    }
}

using System.IO.Compression;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Submissions;

/// <summary>The zip that a leaderboard takes. The files of other tasks that are in it stay, so that a submission grows run by run.</summary>
internal static class SubmissionZip
{
    /// <summary>Puts a file in the place of one of the same name.</summary>
    internal static void Put(string path, string name, string text)
    {
        using var content = new MemoryStream();
        try
        {
            if (File.Exists(path))
                content.Write(File.ReadAllBytes(path));
            using var zip = new ZipArchive(content, content.Length > 0 ? ZipArchiveMode.Update : ZipArchiveMode.Create, leaveOpen: true);
            if (zip.Mode == ZipArchiveMode.Update)
                zip.GetEntry(name)?.Delete();
            using var writer = new StreamWriter(zip.CreateEntry(name).Open());
            writer.Write(text);
        }
        catch (InvalidDataException e)
        {
            throw RunException.NoZip(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.Unreadable(path, e);
        }

        content.Position = 0;
        try
        {
            AtomicFile.Write(path, content.CopyTo);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.NotWritable(path, e);
        }
    }
}

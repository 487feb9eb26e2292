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
        if (File.Exists(path))
        {
            using var earlier = File.OpenRead(path);
            earlier.CopyTo(content);
        }

        try
        {
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

        content.Position = 0;
        AtomicFile.Write(path, content.CopyTo);
    }
}

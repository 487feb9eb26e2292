using System.IO.Compression;
using ResidualPrompts.Files;
using ResidualPrompts.Predictions;

namespace ResidualPrompts.Submissions;

/// <summary>The zip file of a leaderboard submission. Files of other tasks are kept, so a submission grows run by run.</summary>
internal static class SubmissionZip
{
    /// <summary>The earliest time that a zip file can hold.</summary>
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Predicts a test split into a zip file for the GLUE or SuperGLUE leaderboard; files of other tasks in it are kept.</summary>
    /// <param name="run">The run.</param>
    /// <param name="path">The zip.</param>
    /// <param name="task">A task whose label words the run has learned, or null for the run's own.</param>
    /// <param name="data">A folder, a file or a bundled name; null = the data of the run or of the other task.</param>
    /// <returns>
    /// The name of the file in the zip, its predictions, how many of them are not a label and became the first label, and the files that the
    /// leaderboard also asks for and the zip lacks.
    /// </returns>
    /// <exception cref="InputException">No leaderboard accepts the task, there is no test split, or the file is not a zip file.</exception>
    public static (string FileName, int Count, int InvalidCount, IReadOnlyList<string> Missing) Add(
        TrainedRun run, string path, string? task = null, string? data = null)
    {
        ArgumentNullException.ThrowIfNull(run);
        var found = run.FindTask(task);
        var format = SubmissionFormat.Of(found);
        var (rows, predictions) = run.PredictTest(found, task is null && data is null, data);
        var present = Put(path, format.FileName, SubmissionFile.Text(found, rows, predictions));
        return (format.FileName, predictions.Count, predictions.Count(prediction => prediction.Invalid), [.. format.WholeSubmission.Except(present)]);
    }

    /// <summary>Adds a file, replacing one of the same name.</summary>
    /// <returns>The names of all files in the zip.</returns>
    internal static IReadOnlyList<string> Put(string path, string name, string text)
    {
        using var content = new MemoryStream();
        string[] names = [name];
        try
        {
            if (File.Exists(path))
                content.Write(PlainFile.Read(path, PlainFile.LongestRecord));
            using var zip = new ZipArchive(content, content.Length > 0 ? ZipArchiveMode.Update : ZipArchiveMode.Create, leaveOpen: true);
            if (zip.Mode == ZipArchiveMode.Update)
            {
                zip.GetEntry(name)?.Delete();
                names = [.. zip.Entries.Select(other => other.FullName), name];
            }

            var entry = zip.CreateEntry(name);
            entry.LastWriteTime = Time; // so that the same predictions make the same file
            using var writer = new StreamWriter(entry.Open());
            writer.Write(text);
        }
        catch (InvalidDataException e)
        {
            throw SubmissionException.NoZip(path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SubmissionException.Unreadable(path, e);
        }

        content.Position = 0;
        try
        {
            AtomicFile.Write(path, content.CopyTo);
            return names;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SubmissionException.NotWritable(path, e);
        }
    }
}

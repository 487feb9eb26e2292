using System.Text;
using System.Text.Json;
using ResidualPrompts.Files;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Events;

/// <summary>Follows the events of a run, finished or in progress, from its file alone. Not thread-safe.</summary>
/// <param name="run">The run directory.</param>
internal sealed class EventReader(string run)
{
    private const int MostFollowed = 64 * 1024;
    private readonly RunDirectory _directory = new(run);
    private readonly List<TrainingEvent> _events = [];
    private long _position;
    private int _lineCount;

    /// <summary>All events so far, in the order in which they happened.</summary>
    public IReadOnlyList<TrainingEvent> Events => _events;

    /// <summary>Reads every event of a run at once.</summary>
    /// <param name="run">The run directory.</param>
    /// <exception cref="RunException">The path is not a run directory, or its events are damaged.</exception>
    public static IReadOnlyList<TrainingEvent> ReadAll(string run)
    {
        var reader = new EventReader(run);
        reader.Update();
        return reader.Events;
    }

    /// <summary>Reads the events written since the last call; restarts when a resumed run has truncated its log.</summary>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="RunException">The path is not a run directory, or its events are damaged.</exception>
    public bool Update()
    {
        var fresh = ReadFresh(out var restarted);
        var start = 0;
        while (fresh.AsSpan(start).IndexOf((byte)'\n') is var length and >= 0) // the last line may be incomplete
        {
            try
            {
                if (EventFormat.Read(fresh.AsSpan(start, length)) is { } trainingEvent)
                    _events.Add(trainingEvent);
            }
            catch (Exception e) when (JsonProblem.IsOne(e))
            {
                throw RunException.Damaged(_directory.Events,
                    $"line {_lineCount + 1}: {(e is JsonException json ? JsonProblem.Text(json) : e.Message)}");
            }

            start += length + 1;
            _lineCount++;
        }

        _position += start;
        return restarted || start > 0;
    }

    /// <summary>
    /// The next complete lines, unparsed, to pass on: from the beginning, at most 64 KB per call, and from the beginning again when a resumed run
    /// has truncated its log. The file need not exist yet. Use a reader either to follow or to update.
    /// </summary>
    /// <returns>Whether all earlier lines are void, and the new lines, if any.</returns>
    public (bool Restarted, IReadOnlyList<string> Lines) Follow()
    {
        FileStream file;
        try
        {
            file = PlainFile.Open(_directory.Events, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FileException)
        {
            return (Restart(), []);
        }

        using (file)
        {
            if (file.Length < _position)
                return (Restart(), []);
            file.Position = _position;
            var bytes = new byte[(int)Math.Min(MostFollowed, file.Length - _position)];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var end = Array.LastIndexOf(bytes, (byte)'\n', Math.Max(count - 1, 0)) + 1;
            if (end == 0 && count == MostFollowed)
                end = count; // the log never contains such a long line
            _position += end;
            return (false, Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private bool Restart()
    {
        var wasCut = _position > 0;
        _position = 0;
        return wasCut;
    }

    private byte[] ReadFresh(out bool restarted)
    {
        try
        {
            using var file = PlainFile.Open(_directory.Events, FileShare.ReadWrite | FileShare.Delete);
            restarted = file.Length < _position;
            if (restarted)
            {
                (_position, _lineCount) = (0, 0);
                _events.Clear();
            }

            file.Position = _position;
            var bytes = new byte[file.Length - _position];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            restarted = false;
            return File.Exists(_directory.Record) ? [] : throw RunException.NotARun(_directory.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunException.Unreadable(_directory.Events, e);
        }
    }
}

using System.Text.Json;
using ResidualPrompts.Files;
using ResidualPrompts.Training;

namespace ResidualPrompts.Runs.Events;

/// <summary>Follows the events of a run, finished or under way, from its file alone. Belongs to one thread at a time.</summary>
/// <param name="run">The run directory.</param>
public sealed class EventReader(string run)
{
    private readonly RunDirectory _directory = new(run);
    private readonly List<TrainingEvent> _events = [];
    private long _position;

    /// <summary>All events so far, in the order in which they happened.</summary>
    public IReadOnlyList<TrainingEvent> Events => _events;

    /// <summary>Reads every event of a run at once.</summary>
    /// <param name="run">The run directory.</param>
    /// <exception cref="RunException">It is no run directory, or its events are damaged.</exception>
    public static IReadOnlyList<TrainingEvent> ReadAll(string run)
    {
        var reader = new EventReader(run);
        reader.Update();
        return reader.Events;
    }

    /// <summary>Reads what has been written since the last call; starts anew when a resumed run has cut its log back.</summary>
    /// <returns>Whether anything changed.</returns>
    /// <exception cref="RunException">It is no run directory, or its events are damaged.</exception>
    public bool Update()
    {
        var fresh = ReadFresh(out var restarted);
        var start = 0;
        while (fresh.AsSpan(start).IndexOf((byte)'\n') is var length and >= 0) // the last line may still be on its way
        {
            try
            {
                if (EventFormat.Read(fresh.AsSpan(start, length)) is { } trainingEvent)
                    _events.Add(trainingEvent);
            }
            catch (JsonException e)
            {
                throw RunException.Damaged(_directory.Events, JsonProblem.Text(e));
            }

            start += length + 1;
        }

        _position += start;
        return restarted || start > 0;
    }

    private byte[] ReadFresh(out bool restarted)
    {
        try
        {
            using var file = Disk.Read(_directory.Events);
            restarted = file.Length < _position;
            if (restarted)
            {
                _position = 0;
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

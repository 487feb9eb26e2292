using System.Text.Json;

namespace ResidualPrompts.Runs;

/// <summary>The loss of every step of a run, from its events.</summary>
public static class LossHistory
{
    /// <summary>Reads the losses of a run, finished or in progress, in the order of their steps.</summary>
    /// <param name="run">The run directory.</param>
    /// <exception cref="RunException">It is no run directory, or its events are damaged.</exception>
    public static IReadOnlyList<(long Step, double Loss)> Read(string run)
    {
        var directory = new RunDirectory(run);
        if (!File.Exists(directory.Events))
            throw RunException.NotARun(directory.Path);
        var losses = new List<(long, double)>();
        // A run in progress holds the file open and may be in the middle of its last line.
        using var reader = new StreamReader(new FileStream(directory.Events, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (reader.ReadLine() is { } line)
        {
            try
            {
                using var json = JsonDocument.Parse(line);
                if (json.RootElement.GetProperty("event").GetString() == "step")
                    losses.Add((json.RootElement.GetProperty("step").GetInt64(), json.RootElement.GetProperty("loss").GetDouble()));
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
            {
                if (reader.Peek() >= 0)
                    throw RunException.Damaged(directory.Events, e.Message);
            }
        }

        return losses;
    }
}

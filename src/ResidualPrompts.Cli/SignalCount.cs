namespace ResidualPrompts.Cli;

/// <summary>What a signal means.</summary>
internal enum SignalMeaning
{
    /// <summary>The command stops in order.</summary>
    Stop,

    /// <summary>It is the first one again, from another sender: a terminal and a scheduler signal parents and children alike.</summary>
    Repetition,

    /// <summary>The process ends at once.</summary>
    End,
}

/// <summary>Counts the signals that ask this process to end.</summary>
/// <param name="time">The clock.</param>
internal sealed class SignalCount(TimeProvider time)
{
    /// <summary>Two signals within this time are one request.</summary>
    internal static readonly TimeSpan OneRequest = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private int _count;
    private long _first;

    /// <summary>The meaning of the next signal.</summary>
    /// <param name="stopsInOrder">Whether a command now stops in order when it is asked to.</param>
    internal SignalMeaning Next(bool stopsInOrder)
    {
        lock (_lock)
        {
            _count++;
            if (_count == 1)
            {
                _first = time.GetTimestamp();
                return stopsInOrder ? SignalMeaning.Stop : SignalMeaning.End;
            }

            return _count == 2 && time.GetElapsedTime(_first) < OneRequest ? SignalMeaning.Repetition : SignalMeaning.End;
        }
    }
}

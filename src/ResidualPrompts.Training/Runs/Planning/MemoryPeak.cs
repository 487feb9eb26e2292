namespace ResidualPrompts.Runs.Planning;

/// <summary>The largest resident memory of this process from now on, looked at every few milliseconds.</summary>
internal sealed class MemoryPeak : IDisposable
{
    private const int MillisecondsBetweenLooks = 5;
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;
    private long _bytes;

    internal MemoryPeak()
    {
        Look();
        _thread = new Thread(() =>
        {
            while (!_ended.Wait(MillisecondsBetweenLooks))
                Look();
        })
        { IsBackground = true, Name = "memory" };
        _thread.Start();
    }

    /// <summary>Bytes.</summary>
    internal long Bytes
    {
        get
        {
            Look();
            return Interlocked.Read(ref _bytes);
        }
    }

    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
        _ended.Dispose();
    }

    private void Look()
    {
        var now = Environment.WorkingSet;
        for (var known = Interlocked.Read(ref _bytes); now > known;)
        {
            var found = Interlocked.CompareExchange(ref _bytes, now, known);
            if (found == known)
                return;
            known = found;
        }
    }
}

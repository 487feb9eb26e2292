using System.Text;

namespace ResidualPrompts.Server.Features.Runs;

/// <summary>Follows the event file of a run: whole lines only, from the beginning, and from the beginning again when it was cut by a resumed run.</summary>
/// <param name="path">The file; it need not exist yet.</param>
internal sealed class EventTail(string path)
{
    private const int MaxBytes = 64 * 1024;
    private long _position;

    /// <summary>The next lines, at most some; <c>WasCut</c> says that all earlier ones count no longer.</summary>
    internal (bool WasCut, string[] Lines) Next()
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (IOException)
        {
            return (Restart(), []);
        }

        using (file)
        {
            if (file.Length < _position)
                return (Restart(), []);
            file.Position = _position;
            var bytes = new byte[(int)Math.Min(MaxBytes, file.Length - _position)];
            var count = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            var end = Array.LastIndexOf(bytes, (byte)'\n', Math.Max(count - 1, 0)) + 1;
            if (end == 0 && count == MaxBytes)
                end = count; // a line as long as that is none of ours
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
}

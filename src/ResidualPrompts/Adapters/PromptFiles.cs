using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ResidualPrompts.Files;

namespace ResidualPrompts.Adapters;

/// <summary>
/// The files of a prompt's directory, read once: what is parsed are these bytes, and never a part of one version and a part of another. Reading
/// starts again when the directory changes meanwhile.
/// </summary>
internal sealed class PromptFiles
{
    /// <summary>Files up to this size are compared by content, larger ones by size, time and where links lead.</summary>
    internal const long LongestCompared = 16 << 20;

    private const int Attempts = 25;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly string[] WeightNames =
        [PeftAdapter.WeightsFileName, PeftAdapter.PickledWeightsFileName, PromptFile.GoogleFileName, PromptFile.TgisFileName];

    private static readonly string[] Names = [PeftConfig.FileName, PromptContract.FileName, .. WeightNames];

    private readonly Dictionary<string, byte[]> _contents;

    private PromptFiles(string directory, Dictionary<string, byte[]> contents, string digest) =>
        (Directory, _contents, Digest) = (directory, contents, digest);

    /// <summary>A file as a look at the directory finds it.</summary>
    private sealed record Found(string Name, string RealPath, long Length, DateTime WrittenAt);

    /// <summary>The directory, as it was named.</summary>
    internal string Directory { get; }

    /// <summary>What tells one version of the directory from another.</summary>
    internal string Digest { get; }

    /// <summary>Reads the files of a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="quiet">For how long nothing may have written its files; a time above the resolution of file times excludes torn reads.</param>
    /// <param name="check">Is called with name and real path of each file before anything is read, and throws if it may not be read.</param>
    /// <exception cref="InputException">A file is unreadable, not plain or too large, or the directory changed all the time.</exception>
    internal static PromptFiles Read(string directory, TimeSpan quiet = default, Action<string, string>? check = null)
    {
        try
        {
            return ReadWhenStill(directory, quiet, check);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AdapterException.Unreadable(directory, e);
        }
    }

    private static PromptFiles ReadWhenStill(string directory, TimeSpan quiet, Action<string, string>? check)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            var before = Look(directory, check);
            if (before.All(file => DateTime.UtcNow - file.WrittenAt is var age && (age < TimeSpan.Zero || age >= quiet)))
            {
                var contents = Contents(before);
                // Times can be set, so the content is compared as well.
                if (DigestOf(before, contents) is var digest && digest == DigestOf(before, Contents(before))
                    && before.SequenceEqual(Look(directory, check)))
                    return new PromptFiles(directory, contents, digest);
            }

            Thread.Sleep(Pause);
        }

        throw FileException.ChangedWhileRead(directory);
    }

    /// <summary>Sizes, times and targets of links of a directory's files, and the number of bytes that
    /// <see cref="DigestOf(string, Action{string, string})"/> reads.</summary>
    internal static (string Stamp, long ComparedBytes) StampOf(string directory, Action<string, string>? check = null)
    {
        var found = Look(directory, check);
        return (string.Join(';', found.Select(file => $"{file.RealPath} {StampOf(file)}")), found.Where(IsCompared).Sum(file => file.Length));
    }

    /// <summary>The digest of a directory now, without care for whoever writes it.</summary>
    internal static string DigestOf(string directory, Action<string, string>? check = null)
    {
        var found = Look(directory, check);
        return DigestOf(found, Contents(found.Where(IsCompared)));
    }

    /// <summary>The contract; null if there is none.</summary>
    /// <exception cref="AdapterException">It is broken.</exception>
    internal PromptContract? Contract => Has(PromptContract.FileName)
        ? PromptContractFile.Parse(PathOf(PromptContract.FileName), Content(PromptContract.FileName)) : null;

    internal bool Has(string name) => _contents.ContainsKey(name);

    internal string PathOf(string name) => Path.Combine(Directory, name);

    internal byte[] Content(string name) => _contents[name];

    private static Found[] Look(string directory, Action<string, string>? check)
    {
        var real = RealPath.Of(directory);
        var found = new List<Found>();
        foreach (var name in Names)
        {
            var path = Path.Combine(real, name);
            if (!File.Exists(path) || (name == PeftAdapter.PickledWeightsFileName && found.Any(file => file.Name == PeftAdapter.WeightsFileName)))
                continue;
            var file = new FileInfo(RealPath.Of(path));
            check?.Invoke(name, file.FullName);
            PlainFile.Require(path);
            // A link may lead nowhere; reading says so.
            found.Add(new Found(name, file.FullName, file.Exists ? file.Length : 0, file.Exists ? file.LastWriteTimeUtc : default));
        }

        return [.. found];
    }

    private static Dictionary<string, byte[]> Contents(IEnumerable<Found> files) => files.ToDictionary(
        file => file.Name,
        file => PlainFile.Read(file.RealPath, WeightNames.Contains(file.Name) ? PlainFile.LongestRecord : PlainFile.LongestJson));

    private static bool IsCompared(Found file) => file.Length <= LongestCompared;

    private static string StampOf(Found file) => string.Create(CultureInfo.InvariantCulture, $"{file.Length}@{file.WrittenAt.Ticks}");

    private static string DigestOf(IEnumerable<Found> files, Dictionary<string, byte[]> contents) => Hex(Encoding.UTF8.GetBytes(string.Join('\n',
        files.Select(file => $"{file.Name} {(IsCompared(file) ? Hex(contents[file.Name]) : $"{file.RealPath} {StampOf(file)}")}"))));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

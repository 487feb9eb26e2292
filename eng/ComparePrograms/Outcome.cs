using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ResidualPrompts.ComparePrograms;

/// <summary>The files of a session, divided into items.</summary>
internal sealed class Outcome
{
    /// <summary>Replaces the status of a request without an answer.</summary>
    internal const string NoAnswer = "no answer";

    private const char Hole = '\u0001'; // marks an omitted part of an item, so that both sides must have that part
    private const byte Left = byte.MaxValue;
    private readonly string _folder;
    private readonly string[] _paths;

    internal Outcome(string folder)
    {
        _folder = Path.GetFullPath(folder);
        var place = Path.Combine(_folder, Session.PlaceFile);
        if (!File.Exists(place))
            throw new InvalidOperationException($"{_folder} does not contain a session of compare-programs: {Session.PlaceFile} is missing.");
        _paths = [.. File.ReadLines(place).Select(path => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(path)))];
    }

    internal bool IsFinished => File.Exists(Path.Combine(_folder, Session.FinishedFile));

    /// <summary>All files and empty folders.</summary>
    internal IEnumerable<string> Names() => Session.Compared.SelectMany(part => Names(Path.Combine(_folder, part))).Order(StringComparer.Ordinal);

    internal string FullPath(string name) => Path.Combine(_folder, name);

    internal bool Has(string name) => Path.Exists(FullPath(name));

    internal FileItems Read(string name)
    {
        if (name.EndsWith('/'))
            return new FileItems([new Item(name, ItemClass.Output, [])], null);
        var bytes = File.ReadAllBytes(FullPath(name));
        if (name.EndsWith(".zip", StringComparison.Ordinal))
            return Entries(name, bytes);
        if (name.EndsWith("checkpoint/state.safetensors", StringComparison.Ordinal))
            return Checkpoint(name, bytes);
        var masks = Masks.Of(name, _paths).ToArray();
        return masks.Length == 0 ? Whole(name, bytes) : Masked(name, bytes, masks);
    }

    /// <summary>The masked parts of a file by the mask's name.</summary>
    internal IEnumerable<(string Mask, int Length)> Uncompared(string name)
    {
        if (name.EndsWith('/'))
            yield break;
        var isCheckpoint = name.EndsWith("checkpoint/state.safetensors", StringComparison.Ordinal);
        var masks = (isCheckpoint ? Masks.OfCheckpoint : Masks.Of(name, _paths)).Where(mask => mask.MovedTo is null).ToArray();
        var bytes = masks.Length == 0 ? [] : File.ReadAllBytes(FullPath(name));
        var text = Encoding.Latin1.GetString(bytes, 0, isCheckpoint ? HeaderEnd(bytes) : bytes.Length);
        foreach (var mask in masks)
        {
            foreach (var match in mask.Pattern.Matches(text).Cast<System.Text.RegularExpressions.Match>())
                yield return (mask.Name, match.Groups["masked"].Length);
        }
    }

    private IEnumerable<string> Names(string folder)
    {
        if (!Directory.Exists(folder))
            yield break;
        foreach (var file in Directory.EnumerateFiles(folder))
            yield return Path.GetRelativePath(_folder, file);
        foreach (var inner in Directory.EnumerateDirectories(folder))
        {
            if (!Directory.EnumerateFileSystemEntries(inner).Any())
                yield return Path.GetRelativePath(_folder, inner) + "/";
            foreach (var name in Names(inner))
                yield return name;
        }
    }

    private static FileItems Whole(string name, byte[] bytes) => new([new Item(name, Masks.ClassOf(name), bytes)], null);

    private static FileItems Masked(string name, byte[] bytes, IEnumerable<Mask> masks)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var owners = new byte[bytes.Length];
        var main = Masks.ClassOf(name);
        Array.Fill(owners, (byte)main);
        // Omitted parts come last because they may be inside moved parts.
        foreach (var mask in masks.OrderBy(mask => mask.MovedTo is null))
        {
            foreach (var group in mask.Pattern.Matches(text).Select(match => match.Groups["masked"]))
                owners.AsSpan(group.Index, group.Length).Fill((byte?)mask.MovedTo ?? Left);
        }

        var items = new List<Item>();
        foreach (var owner in owners.Append((byte)main).Where(owner => owner != Left).Distinct().Order())
        {
            var suffix = owner == (byte)main ? "" : $"#{((ItemClass)owner).ToString().ToLowerInvariant()}";
            items.Add(new Item(name + suffix, (ItemClass)owner, Part(text, owners, owner)));
        }

        return new FileItems(items, [.. owners.Select(owner => owner == Left)]);
    }

    private static byte[] Part(string text, byte[] owners, byte owner)
    {
        var part = new StringBuilder();
        for (var place = 0; place < text.Length; place++)
        {
            if (owners[place] == owner)
                part.Append(text[place]);
            else if (place == 0 || owners[place - 1] == owner)
                part.Append(Hole);
        }

        return Encoding.Latin1.GetBytes(part.ToString());
    }

    /// <summary>Metadata without the lengths of logs and its padding, which depends on their digits; and the bytes of tensors.</summary>
    private static FileItems Checkpoint(string name, byte[] bytes)
    {
        var end = HeaderEnd(bytes);
        var length = Encoding.Latin1.GetString(bytes, 0, end).TrimEnd(' ').Length;
        if (length < sizeof(long))
            return Whole(name, bytes);
        var (header, masked) = Masked($"{name}#metadata", bytes[sizeof(long)..length], Masks.OfCheckpoint);
        var all = new bool[bytes.Length];
        masked!.CopyTo(all, sizeof(long));
        return new FileItems([.. header, new Item($"{name}#tensors", ItemClass.Output, bytes[end..])], all);
    }

    private static int HeaderEnd(byte[] bytes)
    {
        var length = bytes.Length < sizeof(long) ? -1 : BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return length < 0 || length > bytes.Length - sizeof(long) ? 0 : sizeof(long) + (int)length;
    }

    private static FileItems Entries(string name, byte[] bytes)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(bytes));
            return new FileItems([.. zip.Entries.Select(entry => new Item($"{name}#{entry.FullName}", ItemClass.Output, Content(entry)))], null);
        }
        catch (InvalidDataException)
        {
            return Whole(name, bytes);
        }
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}

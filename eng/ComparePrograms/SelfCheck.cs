using System.IO.Compression;
using System.Text;

namespace ResidualPrompts.ComparePrograms;

/// <summary>
/// Shows that a comparison detects every change: in a copy of a session, bytes of each file are changed one at a time in several places, then
/// the file is removed, and the comparison of the file must detect each change. Masked bytes are not changed, but counted.
/// </summary>
internal sealed class SelfCheck
{
    private const int PlacesOfFile = 8;
    private static readonly HashSet<ItemClass> None = [];

    /// <summary>
    /// Bytes for which the whole comparison is run: after a text, or in the middle of a file; and the class that allows the change.
    /// </summary>
    private static readonly (string File, string After, ItemClass Class)[] Shown =
    [
        ("work/runs/plain/prompt.npy", "", ItemClass.Output),
        ("work/runs/mlp/adapter/adapter_model.safetensors", "", ItemClass.Output),
        ("work/runs/mlp/run.json", "\"accuracy\": 0.", ItemClass.Output),
        ("work/runs/mlp/events.jsonl", "\"loss\":0.", ItemClass.Output),
        ("work/runs/mlp/metrics.csv", "validation,0.", ItemClass.Output),
        ("work/runs/mlp/checkpoint/state.safetensors", "", ItemClass.Output),
        ("work/runs/full/model/model.safetensors", "", ItemClass.Output),
        ("work/out/rows.jsonl", "\"scores\":[-0.", ItemClass.Output),
        ("work/out/rows.parquet", "", ItemClass.Output),
        ("work/out/superglue.zip", "", ItemClass.Output),
        ("server/predict-rows.body", "\"scores\":{", ItemClass.Output),
        ("server/predict-rows.status", "", ItemClass.Output),
        ("answers/wrong-run.exit", "", ItemClass.Output),
        ("answers/evaluate-int8.stdout", "\"accuracy\":0.", ItemClass.Output),
        ("answers/wrong-run.stderr", "", ItemClass.Messages),
        ("server/predict-no-prompt.body", "\"detail\":\"", ItemClass.Messages),
        ("work/runs/far/events.jsonl", "\"message\":\"", ItemClass.Messages),
        ("work/out/bad.jsonl.errors.jsonl", "\"reason\":\"", ItemClass.Messages),
        ("answers/help-train.stdout", "", ItemClass.Help),
        ("work/runs/mlp/adapter/README.md", "", ItemClass.Card),
        ("work/runs/mlp/run.json", "\"dotnet_version\": \"", ItemClass.Environment),
    ];

    private readonly string _copy;
    private readonly Outcome _before;
    private readonly Outcome _changed;
    private readonly Comparison _comparison;

    internal SelfCheck(string before, string copy)
    {
        if (Directory.Exists(copy) && !File.Exists(Path.Combine(copy, Session.PlaceFile)))
            throw new InvalidOperationException($"{copy} exists and was not made by this program.");
        if (Directory.Exists(copy))
            Directory.Delete(copy, recursive: true);
        (_copy, _before) = (copy, new Outcome(before));
        Copy(before);
        _changed = new Outcome(copy);
        _comparison = new Comparison(_before, _changed, None);
    }

    /// <summary>Changes each file in turn, and prints the number of detected changes by kind of file.</summary>
    /// <returns>Whether all changes were detected.</returns>
    internal bool Print(TextWriter output)
    {
        if (_comparison.Print(output) != 0)
            return false;
        var (changed, noticed) = (new SortedDictionary<string, int>(StringComparer.Ordinal), 0);
        var masked = new SortedDictionary<string, (int Count, long Length)>(StringComparer.Ordinal);
        foreach (var name in _before.Names().Where(name => !name.EndsWith('/')))
        {
            foreach (var what in Changes(name))
            {
                var kind = KindOf(name);
                changed[kind] = changed.GetValueOrDefault(kind) + 1;
                if (_comparison.OfFile(name).Differences.Count > 0)
                    noticed++;
                else
                    output.WriteLine($"not noticed: {name}, {what}");
            }

            foreach (var (mask, length) in _before.Uncompared(name))
                masked[mask] = (masked.GetValueOrDefault(mask).Count + 1, masked.GetValueOrDefault(mask).Length + length);
        }

        foreach (var (kind, count) in changed)
            output.WriteLine($"{count} changes of {kind}");
        foreach (var (mask, (count, length)) in masked)
            output.WriteLine($"not compared: {mask}, {count} times, {length} bytes");
        var shown = Shown.Count(change => Show(change.File, change.After, change.Class, output));
        var isWhole = _comparison.Print(TextWriter.Null) == 0; // all changes were reverted
        File.WriteAllText(_changed.FullPath("work/out/one-more.txt"), "");
        var isOneMoreNoticed = _comparison.Print(output) == 1;
        output.WriteLine($"{noticed} of {changed.Values.Sum()} changes noticed, {shown} of {Shown.Length} by the whole comparison");
        Directory.Delete(_copy, recursive: true);
        return noticed == changed.Values.Sum() && noticed > 0 && shown == Shown.Length && isWhole && isOneMoreNoticed;
    }

    /// <summary>Changes a file of the copy in one way after another, and restores it at the end.</summary>
    private IEnumerable<string> Changes(string name)
    {
        var path = _changed.FullPath(name);
        var bytes = File.ReadAllBytes(path);
        var changes = name.EndsWith(".zip", StringComparison.Ordinal) ? ChangedZips(bytes) : ChangedBytes(bytes, _before.Read(name).Masked);
        foreach (var (what, content) in changes)
        {
            File.WriteAllBytes(path, content);
            yield return what;
        }

        File.Delete(path);
        yield return "removed";
        File.WriteAllBytes(path, bytes);
    }

    private static IEnumerable<(string What, byte[] Content)> ChangedBytes(byte[] bytes, bool[]? masked)
    {
        yield return ("one byte longer", [.. bytes, (byte)'x']);
        var random = new Random(bytes.Length);
        var places = Enumerable.Range(0, PlacesOfFile - 2).Select(_ => random.Next(bytes.Length)).Prepend(bytes.Length - 1).Prepend(0);
        foreach (var place in places.Where(place => place >= 0 && place < bytes.Length && masked?[place] != true).Distinct())
        {
            var content = bytes.ToArray();
            content[place] ^= 1;
            yield return ($"byte {place}", content);
        }
    }

    /// <summary>Changes the entries of a zip; its other bytes contain times and sizes, which are not compared.</summary>
    private static IEnumerable<(string What, byte[] Content)> ChangedZips(byte[] bytes)
    {
        using var counted = new ZipArchive(new MemoryStream(bytes));
        foreach (var name in counted.Entries.Select(entry => entry.FullName))
        {
            using var stream = new MemoryStream();
            stream.Write(bytes);
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
            {
                using var entry = zip.GetEntry(name)!.Open();
                entry.Position = entry.Length / 2;
                var old = entry.ReadByte();
                entry.Position = entry.Length / 2;
                entry.WriteByte((byte)(old ^ 1));
            }

            yield return ($"a byte of its entry {name}", stream.ToArray());
        }
    }

    private bool Show(string name, string after, ItemClass kind, TextWriter output)
    {
        var path = _changed.FullPath(name);
        var bytes = File.ReadAllBytes(path);
        var found = after.Length == 0 ? -1 : bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(after));
        if (found < 0 && after.Length > 0)
        {
            output.WriteLine($"{name} has no {after}");
            return false;
        }

        var content = bytes.ToArray();
        content[found < 0 ? bytes.Length / 2 : found + after.Length] ^= 1;
        File.WriteAllBytes(path, name.EndsWith(".zip", StringComparison.Ordinal) ? ChangedZips(bytes).First().Content : content);
        output.WriteLine($"one byte of {name} changed:");
        var isNoticed = _comparison.Print(output) == 1;
        var others = Enum.GetValues<ItemClass>().Where(other => other != kind && other != ItemClass.Output).ToHashSet();
        isNoticed &= new Comparison(_before, _changed, others).Print(TextWriter.Null) == 1;
        var isAllowed = new Comparison(_before, _changed, new HashSet<ItemClass> { kind }).Print(TextWriter.Null) == 0;
        File.WriteAllBytes(path, bytes);
        return isNoticed && (isAllowed || kind == ItemClass.Output);
    }

    private static string KindOf(string name)
    {
        var file = Path.GetFileName(name);
        var part = name.Split('/')[0] == "work" ? "" : name.Split('/')[0] + "/*";
        return part.Length > 0 ? part + Path.GetExtension(name)
            : name.StartsWith("work/out/", StringComparison.Ordinal) ? "out/*" + Path.GetExtension(name)
            : name.Contains("/predictions/", StringComparison.Ordinal) ? "predictions/*.jsonl"
            : file;
    }

    private void Copy(string before)
    {
        foreach (var name in _before.Names().Concat([Session.PlaceFile, Session.FinishedFile]))
        {
            var target = Path.Combine(_copy, name);
            Directory.CreateDirectory(name.EndsWith('/') ? target : Path.GetDirectoryName(target)!);
            if (!name.EndsWith('/'))
                File.Copy(Path.Combine(before, name), target);
        }
    }
}

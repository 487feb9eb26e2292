using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Testing;

/// <summary>A tiny model and rows of ids for it, as folders on disk: runs that take a moment.</summary>
public static class TinyFolder
{
    /// <summary>Ids of the two labels of the rows, in the order in which a run knows them.</summary>
    public const string LabelIds = "[[7,1],[8,9,1]]";

    /// <summary>Writes <c>model/</c>: weights of <see cref="TinyT5"/>, no tokenizer.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="seed">Another seed gives another model.</param>
    /// <param name="config">The model; null = <see cref="TinyT5.Version11"/>.</param>
    internal static string WriteModel(TemporaryFolder folder, long seed = 1, T5Config? config = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        config ??= TinyT5.Version11;
        var model = Directory.CreateDirectory(folder.File("model")).FullName;
        using var scope = TorchSharp.torch.NewDisposeScope();
        ModelFolder.Write(model, config, TinyT5.Weights(config, seed));
        return model;
    }

    /// <summary>Writes a folder with <c>train.jsonl</c>, <c>validation.jsonl</c> and, if it has rows, <c>test.jsonl</c>.</summary>
    public static string WriteRows(TemporaryFolder folder, string name = "rows", int train = 40, int validation = 12, int test = 0)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var data = Directory.CreateDirectory(folder.File(name)).FullName;
        Write(Path.Combine(data, "train.jsonl"), train, 0);
        Write(Path.Combine(data, "validation.jsonl"), validation, 1000);
        if (test > 0)
            Write(Path.Combine(data, "test.jsonl"), test, 2000);
        return data;
    }

    /// <summary>The names of all files in a folder and below it.</summary>
    public static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))];

    /// <summary>Copies a folder with all that is in it.</summary>
    public static void Copy(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories).Prepend(from))
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        foreach (var file in Files(from))
            File.Copy(Path.Combine(from, file), Path.Combine(to, file));
    }

    private static void Write(string path, int count, int seed) => File.WriteAllLines(path, Enumerable.Range(seed, count).Select(i =>
    {
        var ids = string.Join(",", TinyT5.RandomIds(TinyT5.Version11, 4 + (i % 9), i));
        return $"{{\"input_ids\":[{ids}],\"target_ids\":[{(i % 2 == 0 ? "7" : "8,9")},1]}}";
    }));
}

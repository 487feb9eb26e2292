using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>A tiny model and rows of ids for it: runs that take a second.</summary>
internal static class IdData
{
    internal static string WriteModel(TemporaryFolder folder)
    {
        var model = Directory.CreateDirectory(folder.File("model")).FullName;
        using var scope = TorchSharp.torch.NewDisposeScope();
        ModelFolder.Write(model, TinyT5.Version11, TinyT5.Weights(TinyT5.Version11));
        return model;
    }

    internal static string WriteRows(TemporaryFolder folder, string name = "rows", int train = 40, int validation = 12)
    {
        var data = Directory.CreateDirectory(folder.File(name)).FullName;
        Write(Path.Combine(data, "train.jsonl"), train, 0);
        Write(Path.Combine(data, "validation.jsonl"), validation, 1000);
        return data;
    }

    private static void Write(string path, int count, int seed) => File.WriteAllLines(path, Enumerable.Range(seed, count).Select(i =>
        $"{{\"input_ids\":[{string.Join(",", TinyT5.RandomIds(TinyT5.Version11, 4 + (i % 9), i))}],\"target_ids\":[{(i % 2 == 0 ? "7" : "8,9")},1]}}"));
}

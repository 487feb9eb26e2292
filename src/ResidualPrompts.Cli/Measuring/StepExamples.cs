using ResidualPrompts.Batching;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Randomness;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>Training examples of measured steps.</summary>
internal static class StepExamples
{
    private const int FirstOrdinaryId = 3; // after pad, eos and unknown

    /// <summary>Examples of random ids; the given lengths, eos included, repeat as often as needed.</summary>
    internal static List<EncodedExample> Random(T5Config config, IReadOnlyList<int> lengths, int targetLength, int count, long seed)
    {
        var random = new Random((int)seed);
        int[] Ids(int length) => [.. Enumerable.Range(1, length - 1).Select(_ => random.Next(FirstOrdinaryId, config.VocabularySize)), config.EosId];
        return [.. Enumerable.Range(0, count).Select(i => new EncodedExample(Ids(lengths[i % lengths.Count]), Ids(targetLength)))];
    }

    /// <summary>Shuffled training rows of a task (validation rows if it has no others), repeated as often as needed.</summary>
    /// <param name="taskName">A built-in task.</param>
    /// <param name="data">A folder or a file, or null for the task's own.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="maxTextTokens">Maximum text length; longer texts are truncated.</param>
    /// <param name="problemOf">Returns why the model cannot process the ids, or null.</param>
    /// <param name="count">Number of examples.</param>
    /// <param name="seed">Seed of the order.</param>
    internal static List<EncodedExample> OfTask(
        string taskName, string? data, T5Tokenizer tokenizer, int maxTextTokens, Func<int[], string?> problemOf, int count, long seed)
    {
        var task = TaskCatalog.Find(taskName);
        var path = DataCatalog.Locate(task, data, null);
        var opened = DataSource.Open(path, task.Layout);
        var split = opened.Files.ContainsKey(DataSplit.Validation) && !opened.Files.ContainsKey(DataSplit.Train)
            ? DataSplit.Validation
            : DataSplit.Train;
        Example[] rows = [.. opened.Read(split).Where(task.Trains)];
        if (rows.Length == 0)
            throw new UsageException($"{path} contains no training rows.");
        var order = DeterministicOrder.Permutation(rows.Length, seed, RandomPurpose.TrainingOrder);
        Example[] chosen = [.. Enumerable.Range(0, Math.Min(count, rows.Length)).Select(i => rows[order[i]])];
        var encoded = new ExampleEncoder(task, tokenizer, maxTextTokens, virtualTokenCount: 0, problemOf).Encode(chosen, needsTargets: true).Examples;
        return [.. Enumerable.Range(0, count).Select(i => encoded[i % encoded.Count])];
    }
}

using BenchmarkDotNet.Attributes;
using ResidualPrompts.Batching;
using ResidualPrompts.Native;

namespace ResidualPrompts.Benchmarks;

/// <summary>Grouping by length and batching. Both run between two steps, so their time must be negligible.</summary>
[MemoryDiagnoser]
public class BatchingBenchmarks
{
    private const int ExampleCount = 10_000;
    private const int LongestText = 502;
    private const int BatchSize = 8;
    private EncodedExample[] _examples = null!;
    private int[] _lengths = null!;

    [GlobalSetup]
    public void Setup()
    {
        LibTorch.EnsureLoaded();
        var random = new Random(1);
        _examples = [.. Enumerable.Range(0, ExampleCount).Select(_ => new EncodedExample(Ids(random, random.Next(10, LongestText)), [5, 6, 1]))];
        _lengths = [.. _examples.Select(example => example.InputIds.Length)];
    }

    [Benchmark]
    public int Group_ten_thousand_examples() => new TokenBudget().Group(_lengths).Sum(group => group.Length);

    [Benchmark(Baseline = true)]
    public int Make_one_batch()
    {
        using var batch = Batch.Of(_examples[..BatchSize]);
        return batch.Count;
    }

    private static int[] Ids(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => random.Next(3, 32_000))];
}

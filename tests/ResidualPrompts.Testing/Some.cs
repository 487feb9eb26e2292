using ResidualPrompts.Batching;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Prompts;
using static TorchSharp.torch;

namespace ResidualPrompts.Testing;

/// <summary>Prompts, examples and labels for tests that need some, whichever.</summary>
public static class Some
{
    /// <summary>Ids of labels of several lengths, one of them without eos.</summary>
    public static int[][] Labels { get; } = [[5, 1], [5, 6, 1], [9, 10, 11, 1], [7]];

    /// <summary>Ten short examples of several lengths that a trainer can learn.</summary>
    internal static EncodedExample[] TrainingExamples { get; } =
    [
        .. Enumerable.Range(0, 10).Select(i => new EncodedExample(
            TinyT5.RandomIds(TinyT5.Version10, 3 + (i * 7 % 11), i), TinyT5.RandomIds(TinyT5.Version10, 2 + (i % 3), 100 + i))),
    ];

    /// <summary>Four examples of lengths far apart.</summary>
    internal static EncodedExample[] Examples(T5Config config) =>
    [
        .. new[] { (17, 3), (4, 1), (9, 6), (30, 2) }.Select((lengths, i) => new EncodedExample(
            TinyT5.RandomIds(config, lengths.Item1, i), TinyT5.RandomIds(config, lengths.Item2, 50 + i))),
    ];

    /// <summary>A prompt of random rows.</summary>
    internal static PlainPrompt Prompt(T5Config config, int length, int seed = 3)
    {
        ArgumentNullException.ThrowIfNull(config);
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)seed, CPU);
        return new PlainPrompt(randn([length, config.HiddenSize], generator: generator));
    }
}

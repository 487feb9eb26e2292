using System.Security.Cryptography;
using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Prompts;
using ResidualPrompts.Runs.Settings;
using static TorchSharp.torch;

namespace ResidualPrompts.Runs;

/// <summary>Makes the prompt that a spec describes, with its initial rows.</summary>
internal static class PromptFactory
{
    /// <summary>The vocabulary rows after the label words come from this many most common tokens, as in Lester et al. 2021.</summary>
    private const int MaxCommonBesideLabels = 5000;

    internal static SoftPrompt Create(RunSpec spec, Backbone backbone, IReadOnlyList<int[]> labelTokens, ulong seed, Action<string> note)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed, CPU);
        var rows = Rows(spec, backbone, labelTokens, generator, note);
        CheckWidth(spec, backbone.Model.Config.HiddenSize);
        return spec.Reparameterization switch
        {
            Reparameterization.None => new PlainPrompt(rows),
            Reparameterization.Mlp => new MlpPrompt(rows, Mlp(spec, stackCount: 1, tied: false), generator),
            Reparameterization.Mlp2 => new MlpPrompt(rows, Mlp(spec, stackCount: 2, tied: false), generator),
            Reparameterization.Mlp2Tied => new MlpPrompt(rows, Mlp(spec, stackCount: 2, tied: true), generator),
            Reparameterization.Lstm => new LstmPrompt(rows, layerCount: 2, withHead: true, spec.Skip, generator),
            Reparameterization.Lstm1 => new LstmPrompt(rows, layerCount: 1, withHead: false, spec.Skip, generator),
            Reparameterization.Lstm2 => new LstmPrompt(rows, layerCount: 2, withHead: false, spec.Skip, generator),
            Reparameterization.Transformer => new TransformerPrompt(rows, spec.FeedForwardSize, spec.Skip, generator),
            _ => throw new InvalidOperationException($"Reparameterization {spec.Reparameterization} is not defined."),
        };
    }

    /// <summary>SHA-256 of a prompt's trainable rows as float32.</summary>
    internal static string DigestOf(SoftPrompt prompt)
    {
        using var scope = NewDisposeScope();
        return Digest(prompt.Parameters[SoftPrompt.RowsName]);
    }

    /// <summary>The same digest of a prompt that will begin with the rows of a file, without a model.</summary>
    internal static string DigestOf(StartRows.PromptFile file, int promptLength)
    {
        using var scope = NewDisposeScope();
        return Digest(RowsOf(file.Path, promptLength, out _));
    }

    private static string Digest(Tensor rows) => Convert.ToHexStringLower(SHA256.HashData(rows.detach().contiguous().bytes));

    private static MlpShape Mlp(RunSpec spec, int stackCount, bool tied) =>
        new(spec.BottleneckSize, spec.Nonlinearity, spec.LayerNorm, spec.Skip, spec.SeparateNetworks, stackCount, tied);

    private static void CheckWidth(RunSpec spec, int hiddenSize)
    {
        var kind = spec.Reparameterization;
        if (hiddenSize % 2 != 0
            && kind is Reparameterization.Lstm or Reparameterization.Lstm1 or Reparameterization.Lstm2 or Reparameterization.Transformer)
        {
            var expected = $"another kind: this one needs an even hidden size, the model's is {hiddenSize}";
            throw RunSpecException.Setting("reparameterization", $"{kind}".ToLowerInvariant(), expected);
        }
    }

    private static Tensor Rows(RunSpec spec, Backbone backbone, IReadOnlyList<int[]> labelTokens, Generator generator, Action<string> note)
    {
        var embedding = backbone.Model.Weights["shared.weight"];
        var count = spec.PromptLength;
        switch (spec.PromptInit.Rows)
        {
            case StartRows.Vocabulary vocabulary:
                return PromptInitialization.Sampled(embedding, Candidates(backbone, vocabulary.MostCommon), count, generator);
            case StartRows.Uniform uniform:
                return PromptInitialization.Uniform(count, backbone.Model.Config.HiddenSize, uniform.Range, generator);
            case StartRows.Text text:
                return PromptInitialization.OfTokens(embedding, backbone.Tokenizer.Encode(text.Value)[..^1] is { Length: > 0 } ids ? ids
                    : throw RunSpecException.Setting("prompt_init", spec.PromptInit.ToString(), "a text with at least one token"), count);
            case StartRows.LabelWords:
                if (labelTokens.Count == 0)
                    throw RunSpecException.Setting("prompt_init", "label-words", "a task of fixed labels");
                var others = PromptInitialization.Sampled(embedding, Candidates(backbone, MaxCommonBesideLabels), count, generator);
                return PromptInitialization.OfLabels(embedding, labelTokens, others);
            case StartRows.PromptFile file:
                return FromFile(file.Path, spec, backbone, note);
            default:
                throw new InvalidOperationException($"Initialization {spec.PromptInit} is not defined.");
        }
    }

    /// <summary>Ids of ordinary tokens; a vocabulary is sorted by frequency, so the first ids are the most common.</summary>
    private static List<int> Candidates(Backbone backbone, int? mostCommon)
    {
        var ids = backbone.HasTokenizer
            ? Enumerable.Range(0, backbone.Tokenizer.PieceCount).Where(backbone.Tokenizer.IsOrdinaryPiece)
            : Enumerable.Range(3, backbone.Model.Config.VocabularySize - 3); // without pad, eos and unknown
        return [.. mostCommon is { } count ? ids.Take(count) : ids];
    }

    /// <summary>The rows of a prompt, f32[P, H]: cut after P rows, or repeated from the first one.</summary>
    private static Tensor FromFile(string path, RunSpec spec, Backbone backbone, Action<string> note)
    {
        var rows = RowsOf(path, spec.PromptLength, out var found);
        var (wanted, width) = (spec.PromptLength, backbone.Model.Config.HiddenSize);
        if (rows.shape[1] != width)
            throw RunSpecException.Setting("prompt_init", $"{path} with rows of {rows.shape[1]} numbers", $"{width}, the model's hidden size");
        if (found != wanted)
            note($"The prompt of {path} has {found} rows; they are {(found > wanted ? "cut" : "repeated")} to prompt_length {wanted}.");
        return rows;
    }

    private static Tensor RowsOf(string path, int wanted, out int found)
    {
        using var prompt = PromptFile.Read(RunDirectory.AdapterIn(path));
        found = prompt.VirtualTokenCount;
        using var index = arange(wanted, ScalarType.Int64).remainder(found);
        return prompt.Forward().index_select(0, index);
    }
}

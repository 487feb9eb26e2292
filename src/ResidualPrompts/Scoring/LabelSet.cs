using ResidualPrompts.Backbones;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Scoring;

/// <summary>Labels to choose from, as text and as the tokens that T5 must produce.</summary>
internal sealed class LabelSet
{
    private LabelSet(IReadOnlyList<string> names, IReadOnlyList<int[]> ids)
    {
        (Names, Ids) = (names, ids);
        Key = string.Join('|', ids.Select(label => string.Join(' ', label)));
    }

    /// <summary>Names of the labels, in order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Token ids of each label, including eos.</summary>
    public IReadOnlyList<int[]> Ids { get; }

    /// <summary>Equal for sets with the same tokens in the same order; their rows can share a batch.</summary>
    internal string Key { get; }

    /// <summary>Encodes label words.</summary>
    /// <param name="tokenizer">The backbone's tokenizer.</param>
    /// <param name="words">The words, at least one.</param>
    /// <exception cref="BackboneException">There is no label, one is blank, or two are the same tokens.</exception>
    public static LabelSet Of(T5Tokenizer tokenizer, IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(words);
        if (words.Any(string.IsNullOrWhiteSpace))
            throw BackboneException.BlankLabel();
        return Of(words, [.. words.Select(word => tokenizer.Encode(word))]);
    }

    /// <summary>Creates a set of labels whose tokens are known.</summary>
    /// <param name="names">Names of the labels.</param>
    /// <param name="ids">Token ids of each label; none empty, no two equal.</param>
    /// <exception cref="BackboneException">There is no label, or two are the same tokens.</exception>
    public static LabelSet Of(IReadOnlyList<string> names, IReadOnlyList<int[]> ids)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(ids);
        if (names.Count == 0)
            throw BackboneException.NoLabels();
        if (names.Count != ids.Count || ids.Any(label => label.Length == 0))
            throw new ArgumentException("Expected the tokens of each label, at least one.", nameof(ids));
        var seen = new Dictionary<string, string>();
        foreach (var (name, label) in names.Zip(ids))
        {
            var tokens = string.Join(' ', label);
            if (!seen.TryAdd(tokens, name))
                throw BackboneException.EqualLabels(seen[tokens], name);
        }

        return new LabelSet([.. names], [.. ids]);
    }
}

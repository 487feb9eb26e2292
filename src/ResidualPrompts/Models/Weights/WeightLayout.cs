using static ResidualPrompts.Models.Weights.ErrorText;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.Weights;

/// <summary>
/// The weights that a model expects, and strict loading: every key and every shape is checked before anything is read, and all mismatches are
/// reported at once.
/// <example>
/// <code>
/// var layout = new WeightLayout(new Dictionary&lt;string, long[]&gt; { ["shared.weight"] = [32128, 768] /* and all others */ })
/// {
///     Aliases = new Dictionary&lt;string, string&gt; { ["encoder.embed_tokens.weight"] = "shared.weight" },
/// };
/// using var checkpoint = Checkpoint.Open(folder);
/// var weights = layout.Load(checkpoint);
/// </code>
/// </example>
/// </summary>
internal sealed class WeightLayout
{
    private readonly Dictionary<string, long[]> _shapes;

    /// <summary>Creates a layout of floating-point weights.</summary>
    /// <param name="shapes">The shape of every expected key.</param>
    public WeightLayout(IReadOnlyDictionary<string, long[]> shapes) => _shapes = new(shapes, StringComparer.Ordinal);

    /// <summary>
    /// Other keys under which an expected key may be stored, for tied weights (alias → expected key). If several of them, or one and the expected
    /// key, are present, their contents must be equal.
    /// </summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether an alias may have another floating-point type than its key, with equal values; default false.</summary>
    public bool AllowsAliasesOfOtherTypes { get; init; }

    /// <summary>Keys that may be present and are ignored.</summary>
    public IReadOnlySet<string> IgnoredKeys { get; init; } = new HashSet<string>();

    /// <summary>Checks that a checkpoint holds exactly these weights. Only weights that are stored twice are read.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <exception cref="CheckpointException">
    /// Keys are missing, unexpected, or of another shape or kind (all in one message), or an alias differs from its key.
    /// </exception>
    public void Check(Checkpoint checkpoint) => Resolve(checkpoint);

    /// <summary>Checks the checkpoint as <see cref="Check"/> does, then reads the weights.</summary>
    /// <param name="checkpoint">The checkpoint; it may be disposed afterwards.</param>
    /// <param name="floatingType">The type to convert to; null keeps the stored types.</param>
    /// <returns>The tensors by expected key; the caller or the current dispose scope disposes them.</returns>
    /// <exception cref="CheckpointException">As <see cref="Check"/>.</exception>
    public IReadOnlyDictionary<string, Tensor> Load(Checkpoint checkpoint, ScalarType? floatingType = ScalarType.Float32) =>
        Resolve(checkpoint).ToDictionary(pair => pair.Key, pair => checkpoint.Read(pair.Value, floatingType), StringComparer.Ordinal);

    /// <summary>Finds the key under which every expected key is stored.</summary>
    /// <exception cref="CheckpointException">As <see cref="Check"/>.</exception>
    internal IReadOnlyDictionary<string, string> Resolve(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var stored = checkpoint.Entries;
        var aliasesOfKey = Aliases.ToLookup(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
        var candidates = _shapes.Keys.ToDictionary(
            key => key,
            key => aliasesOfKey[key].Order(StringComparer.Ordinal).Prepend(key).Where(stored.ContainsKey).ToList(),
            StringComparer.Ordinal);

        var missing = candidates
            .Where(pair => pair.Value.Count == 0)
            .Select(pair => $"{Quote(pair.Key)} {Shape(_shapes[pair.Key])}");
        var unexpected = stored.Values
            .Where(entry => !_shapes.ContainsKey(Aliases.GetValueOrDefault(entry.Key, entry.Key)) && !IgnoredKeys.Contains(entry.Key))
            .Select(entry => $"{Quote(entry.Key)} {Shape(entry.Shape)}");
        var misshapen = candidates
            .SelectMany(pair => pair.Value.Select(key => (Entry: stored[key], Expected: _shapes[pair.Key])))
            .Where(pair => !pair.Entry.IsFloating || !pair.Entry.Dimensions.AsSpan().SequenceEqual(pair.Expected))
            .Select(pair => $"{Quote(pair.Entry.Key)} expected {Shape(pair.Expected)}, found {Found(pair.Entry)}");
        ThrowUnlessEmpty(checkpoint.Path, Sorted(missing), Sorted(unexpected), Sorted(misshapen));

        foreach (var (key, present) in candidates)
        {
            var different = present.Skip(1).FirstOrDefault(other => AllowsAliasesOfOtherTypes
                ? !checkpoint.HaveEqualValues(present[0], other) : !checkpoint.HaveEqualContents(present[0], other));
            if (different is not null)
            {
                throw CheckpointException.AliasesDiffer(checkpoint.Path, key, present[0], different);
            }
        }

        return candidates.ToDictionary(pair => pair.Key, pair => pair.Value[0], StringComparer.Ordinal);
    }

    private static string Found(SafetensorsEntry entry) =>
        entry.IsFloating ? Shape(entry.Shape) : $"{Shape(entry.Shape)} of {SafetensorsElementType.NameOf(entry.ElementType)}, not floating-point";

    private static List<string> Sorted(IEnumerable<string> items) => [.. items.Order(StringComparer.Ordinal)];

    private static void ThrowUnlessEmpty(string path, List<string> missing, List<string> unexpected, List<string> misshapen)
    {
        if (missing.Count + unexpected.Count + misshapen.Count > 0)
        {
            throw CheckpointException.DoesNotFit(path, missing, unexpected, misshapen);
        }
    }
}

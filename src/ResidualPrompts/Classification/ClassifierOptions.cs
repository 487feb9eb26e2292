using ResidualPrompts.Backbones;
using ResidualPrompts.Scoring;

namespace ResidualPrompts.Classification;

/// <summary>How a classifier is opened; without options it finds all by itself.</summary>
public sealed record ClassifierOptions
{
    /// <summary>The backbone by a bundled name, a Hugging Face folder or a name on the hub; null = the one that the prompt names.</summary>
    public string? Model { get; init; }

    /// <summary>Of a <see cref="Model"/> of the hub: branch, tag or commit; null = <c>main</c>.</summary>
    public string? Revision { get; init; }

    /// <summary>
    /// A backbone that is loaded already, which the classifier borrows and does not dispose; it goes before <see cref="Model"/>. Nothing
    /// else may compute with it at the same time.
    /// </summary>
    public Backbone? Backbone { get; init; }

    /// <summary>How a backbone computes that the classifier loads; null = the defaults.</summary>
    public BackboneOptions? BackboneOptions { get; init; }

    /// <summary>
    /// Whether a backbone or tokenizer that the prompt was not trained on is only warned of. Probabilities then mean nothing by themselves.
    /// </summary>
    public bool AllowMismatch { get; init; }

    /// <summary>What scores are divided by before they become probabilities, above 0; default 1. See <see cref="Calibration"/>.</summary>
    public double Temperature { get; init; } = 1;
}

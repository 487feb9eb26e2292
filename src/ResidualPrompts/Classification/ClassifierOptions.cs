using ResidualPrompts.Backbones;
using ResidualPrompts.Scoring;

namespace ResidualPrompts.Classification;

/// <summary>Options for opening a classifier. The defaults fit a prompt whose backbone is on this machine.</summary>
public sealed record ClassifierOptions
{
    /// <summary>The backbone: a bundled name, a Hugging Face folder or a name on the hub; null = the backbone that the prompt names.</summary>
    public string? Model { get; init; }

    /// <summary>Branch, tag or commit, if <see cref="Model"/> is on the hub; null = <c>main</c>.</summary>
    public string? Revision { get; init; }

    /// <summary>
    /// A backbone that is already loaded; it overrides <see cref="Model"/>. The classifier borrows it and does not dispose it. Nothing else may
    /// compute with it at the same time.
    /// </summary>
    public Backbone? Backbone { get; init; }

    /// <summary>How a backbone that the classifier loads computes; null = the defaults.</summary>
    public BackboneOptions? BackboneOptions { get; init; }

    /// <summary>
    /// Whether a backbone or tokenizer that the prompt was not trained with only causes a warning. The probabilities are then not meaningful.
    /// </summary>
    public bool AllowMismatch { get; init; }

    /// <summary>Of a study, the run with this seed alone; null = all of its runs together.</summary>
    public long? Seed { get; init; }

    /// <summary>Scores are divided by this temperature before they become probabilities; above 0, default 1. See <see cref="Calibration"/>.</summary>
    public double Temperature { get; init; } = 1;
}

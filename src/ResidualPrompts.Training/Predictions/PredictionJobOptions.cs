using System.Text;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Predictions;

/// <summary>The input, output and options of a prediction job.</summary>
public sealed record PredictionJobOptions
{
    /// <summary>The file of rows, or of texts, one per line.</summary>
    public required string Input { get; init; }

    /// <summary>The file to write: <c>.jsonl</c>, <c>.csv</c>, <c>.tsv</c> or <c>.parquet</c>.</summary>
    public required string Output { get; init; }

    /// <summary>The file of bad rows.</summary>
    public string ErrorFile => Output + ".errors.jsonl";

    /// <summary>What to do when the output exists.</summary>
    public RunMode Mode { get; init; }

    /// <summary>The encoding of a text file; null = UTF-8.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Whether bad rows are written to <see cref="ErrorFile"/>; else the first one throws.</summary>
    public bool SkipsBadRows { get; init; }

    /// <summary>Prefix of the prediction's field names.</summary>
    public string Prefix { get; init; } = "";
}

using System.Text;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Predictions;

/// <summary>What a file of predictions is made of.</summary>
public sealed record PredictionJobOptions
{
    /// <summary>The file of rows, or of texts, one a line.</summary>
    public required string Input { get; init; }

    /// <summary>The file to write: <c>.jsonl</c>, <c>.csv</c>, <c>.tsv</c> or <c>.parquet</c>.</summary>
    public required string Output { get; init; }

    /// <summary>Where bad rows are written aside.</summary>
    public string ErrorFile => Output + ".errors.jsonl";

    /// <summary>What to do when the output exists.</summary>
    public RunMode Mode { get; init; }

    /// <summary>The encoding of a text file; null = UTF-8.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Whether bad rows are written aside; else the first one is an exception.</summary>
    public bool SkipsBadRows { get; init; }

    /// <summary>What goes before the names of the prediction's fields.</summary>
    public string Prefix { get; init; } = "";
}

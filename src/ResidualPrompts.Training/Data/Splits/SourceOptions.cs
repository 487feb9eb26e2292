using System.Text;

namespace ResidualPrompts.Data.Splits;

/// <summary>How the files of a data set are to be read.</summary>
public sealed record SourceOptions
{
    /// <summary>What the rows of a single file are for; a folder's files say so themselves.</summary>
    public DataSplit SingleFileSplit { get; init; }

    /// <summary>The encoding of text files; null = UTF-8.</summary>
    public Encoding? Encoding { get; init; }
}

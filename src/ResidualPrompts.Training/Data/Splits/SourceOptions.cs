using System.Text;

namespace ResidualPrompts.Data.Splits;

/// <summary>How the files of a data set are read.</summary>
internal sealed record SourceOptions
{
    /// <summary>The split of a single file; in a folder, file names give the split.</summary>
    public DataSplit SingleFileSplit { get; init; }

    /// <summary>Files of single splits, which take the place of the data set's own files of these splits.</summary>
    public IReadOnlyDictionary<DataSplit, string> SplitFiles { get; init; } = new Dictionary<DataSplit, string>();

    /// <summary>The encoding of text files; null = UTF-8.</summary>
    public Encoding? Encoding { get; init; }
}

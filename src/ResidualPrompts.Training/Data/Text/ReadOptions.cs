using System.Text;

namespace ResidualPrompts.Data.Text;

/// <summary>How a file of rows is read.</summary>
public sealed record ReadOptions
{
    /// <summary>The encoding of a text file; null = UTF-8.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>
    /// Called for each bad row, after which reading continues; null = the first bad row throws. A problem of the whole file always throws.
    /// </summary>
    public Action<BadRow>? OnBadRow { get; init; }

    /// <summary>Called now and then with the fraction of the file read so far, 0 to 1.</summary>
    public Action<double>? OnProgress { get; init; }
}

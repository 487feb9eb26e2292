using System.Text;

namespace ResidualPrompts.Data.Text;

/// <summary>How a file of rows is read.</summary>
public sealed record ReadOptions
{
    /// <summary>The encoding of a text file; null = UTF-8.</summary>
    public Encoding? Encoding { get; init; }

    /// <summary>Is told of each bad row, and reading goes on after it; null = the first bad row is an exception. What is wrong with the file as a whole always is.</summary>
    public Action<BadRow>? OnBadRow { get; init; }

    /// <summary>Is told now and then which fraction of the file, 0 to 1, has been read.</summary>
    public Action<double>? OnProgress { get; init; }
}

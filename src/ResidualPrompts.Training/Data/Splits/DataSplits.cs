using System.Buffers.Binary;
using System.Security.Cryptography;

namespace ResidualPrompts.Data.Splits;

/// <summary>The rows of a run.</summary>
internal sealed record DataSplits
{
    /// <summary>Training rows, at least one.</summary>
    public required IReadOnlyList<Example> Train { get; init; }

    /// <summary>Rows that select the best prompt; null when there are none.</summary>
    public IReadOnlyList<Example>? Validation { get; init; }

    /// <summary>Held-out test rows, perhaps without labels; null when there are none.</summary>
    public IReadOnlyList<Example>? Test { get; init; }

    /// <summary>The rows of a split; null when there are none.</summary>
    public IReadOnlyList<Example>? this[DataSplit split] => split switch
    {
        DataSplit.Train => Train,
        DataSplit.Validation => Validation,
        _ => Test,
    };

    /// <summary>SHA-256 of the rows of each existing split, by its name.</summary>
    public IReadOnlyDictionary<string, string> Digests() => new OrderedDictionary<string, string>(
        from split in Enum.GetValues<DataSplit>()
        let rows = this[split]
        where rows is not null
        select KeyValuePair.Create(split.Name(), DigestOf(rows)));

    /// <summary>SHA-256 of rows: their number in the data and their content, in order.</summary>
    public static string DigestOf(IReadOnlyList<Example> rows)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> index = stackalloc byte[sizeof(int)];
        foreach (var row in rows)
        {
            BinaryPrimitives.WriteInt32LittleEndian(index, row.Index);
            digest.AppendData(index);
            digest.AppendData(row.Digest());
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    /// <summary>Where the rows of each existing split came from.</summary>
    public IReadOnlyDictionary<DataSplit, SplitOrigin> Origins { get; init; } = new Dictionary<DataSplit, SplitOrigin>();

    /// <summary>Notes for the user on the splits, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What may not be what the user expects.</summary>
    public IReadOnlyList<SplitFinding> Findings { get; init; } = [];
}

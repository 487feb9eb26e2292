namespace ResidualPrompts.ComparePrograms;

/// <summary>What an item is, so that differences of one class can be allowed.</summary>
internal enum ItemClass
{
    /// <summary>Results: never to be allowed.</summary>
    Output,

    /// <summary>Standard error, and the texts of warnings, problems and reasons.</summary>
    Messages,

    /// <summary>What --help, completion and the server's description say.</summary>
    Help,

    /// <summary>README.md of an adapter.</summary>
    Card,

    /// <summary>What run.json says a run was made with.</summary>
    Environment,
}

/// <summary>Something that is compared as a whole: a file, or the part of one that is of a class.</summary>
internal sealed record Item(string Name, ItemClass Class, byte[] Bytes);

/// <summary>The items of a file, and which of its bytes are in none of them; null: all are.</summary>
internal sealed record FileItems(IReadOnlyList<Item> Items, bool[]? Masked);

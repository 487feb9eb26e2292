namespace ResidualPrompts.ComparePrograms;

/// <summary>Class of an item; differences of a whole class can be allowed.</summary>
internal enum ItemClass
{
    /// <summary>Results: differences are never allowed.</summary>
    Output,

    /// <summary>Standard error, and the texts of warnings, problems and reasons.</summary>
    Messages,

    /// <summary>Output of --help and completion, and the server's API description.</summary>
    Help,

    /// <summary>README.md of an adapter.</summary>
    Card,

    /// <summary>The environment in run.json.</summary>
    Environment,
}

/// <summary>The unit of comparison: a file, or the parts of a file that belong to one class.</summary>
internal sealed record Item(string Name, ItemClass Class, byte[] Bytes);

/// <summary>The items of a file, and which of its bytes belong to none; null: none of its bytes.</summary>
internal sealed record FileItems(IReadOnlyList<Item> Items, bool[]? Masked);

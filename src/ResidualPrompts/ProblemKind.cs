namespace ResidualPrompts;

/// <summary>Kinds of problems with what the library was given, the same in every area.</summary>
public enum ProblemKind
{
    /// <summary>A value, a name or a row is not as it must be.</summary>
    Invalid,

    /// <summary>Something that was named does not exist.</summary>
    Missing,

    /// <summary>A file exists, and its content is broken or cut off.</summary>
    Damaged,

    /// <summary>Two things are sound and do not belong together, such as a prompt and another model than its own.</summary>
    Mismatch,

    /// <summary>Something that exists or is in use would be overwritten or disturbed.</summary>
    Conflict,

    /// <summary>It is sound, and of a kind that is not supported.</summary>
    Unsupported,

    /// <summary>It cannot be read, written or reached: rights, space or the network are missing.</summary>
    Inaccessible,
}

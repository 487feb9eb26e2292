namespace ResidualPrompts;

/// <summary>Kinds of problems with the library's input, the same in every area.</summary>
public enum ProblemKind
{
    /// <summary>A value, a name or a row is not valid.</summary>
    Invalid,

    /// <summary>A named thing does not exist.</summary>
    Missing,

    /// <summary>A file exists, but its content is broken or truncated.</summary>
    Damaged,

    /// <summary>Two things are valid but do not belong together, such as a prompt and another model than its own.</summary>
    Mismatch,

    /// <summary>Something that exists or is in use would be overwritten or disturbed.</summary>
    Conflict,

    /// <summary>It is valid, but of an unsupported kind.</summary>
    Unsupported,

    /// <summary>It cannot be read, written or reached: rights, space or the network are missing.</summary>
    Inaccessible,
}

namespace ResidualPrompts.Data;

/// <summary>The rows of a data set by what they are for.</summary>
/// <param name="Train">Rows that train.</param>
/// <param name="Validation">Rows that choose the best prompt, or null.</param>
/// <param name="Test">Rows that are scored once at the end, or null.</param>
public sealed record DataSplits(IReadOnlyList<Example> Train, IReadOnlyList<Example>? Validation, IReadOnlyList<Example>? Test)
{
    /// <summary>A split by its name.</summary>
    /// <param name="name">train, validation or test.</param>
    public IReadOnlyList<Example>? this[string name] => name switch
    {
        "train" => Train,
        "validation" => Validation,
        "test" => Test,
        _ => null,
    };
}

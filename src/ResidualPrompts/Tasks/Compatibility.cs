namespace ResidualPrompts.Tasks;

/// <summary>Which definition of a task to use.</summary>
public enum Compatibility
{
    /// <summary>This library's own definition.</summary>
    None,

    /// <summary>The original's definition, including its mistakes.</summary>
    Original,
}

namespace ResidualPrompts.Tasks;

/// <summary>Whose definition of a task.</summary>
public enum Compatibility
{
    /// <summary>Its own: nobody else's mistakes.</summary>
    None,

    /// <summary>The original's, mistakes included.</summary>
    Original,
}

namespace ResidualPrompts.Prompts;

/// <summary>The function between the two matrices of a reparameterization.</summary>
public enum Nonlinearity
{
    /// <summary>max(0, x), the paper's choice.</summary>
    Relu,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>Logistic function.</summary>
    Sigmoid,

    /// <summary>x · Φ(x), exact form.</summary>
    Gelu,
}

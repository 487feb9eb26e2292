namespace ResidualPrompts.Testing;

/// <summary>Small things that many tests need.</summary>
public static class Some
{
}

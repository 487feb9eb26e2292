namespace ResidualPrompts.Data;

/// <summary>The names of splits in messages and files.</summary>
internal static class DataSplitName
{
    /// <summary><c>train</c>, <c>validation</c> or <c>test</c>.</summary>
    internal static string Name(this DataSplit split) => split.ToString().ToLowerInvariant();
}

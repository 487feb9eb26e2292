namespace ResidualPrompts.Cli;

/// <summary>Standard input as bytes.</summary>
internal static class StandardInput
{
    internal const string Name = "standard input";

    /// <summary>The file of an option, or null where it is <c>-</c>, which stands for standard input as everywhere.</summary>
    internal static string? OrFile(string? option) => option == "-" ? null : option;

    /// <exception cref="UsageException">Standard input is closed.</exception>
    internal static Stream Open() =>
        GivenStreams.Current is { } given ? given.Input
        : ClosedStreams.IsClosed(ClosedStreams.Input)
            ? throw new UsageException($"Standard input is closed: give --input FILE, or pipe the rows into the command.")
        : Console.OpenStandardInput();
}

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>A folder that is deleted at the end of a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("residual-prompts-").FullName;

    public TemporaryFolder With(string name, byte[] content)
    {
        File.WriteAllBytes(System.IO.Path.Combine(Path, name), content);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Tokenization;

/// <summary>The tokenizer of the bundled model: 8000 pieces and 100 extra ids.</summary>
internal static class NanoTokenizer
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "TestData", "t5-nano");

    public static byte[] ModelBytes { get; } = File.ReadAllBytes(Path.Combine(Folder, T5Tokenizer.ModelFileName));

    public static T5Tokenizer Instance { get; } = T5Tokenizer.Load(Folder);
}

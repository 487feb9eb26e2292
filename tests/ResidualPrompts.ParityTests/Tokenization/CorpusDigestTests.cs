namespace ResidualPrompts.ParityTests.Tokenization;

public class CorpusDigestTests
{
    private const string DataFolderVariable = "RESIDUALPROMPTS_CORPUS";
    private const string DigestFileVariable = "RESIDUALPROMPTS_CORPUS_DIGEST";

    [Fact]
    public void The_data_files_that_we_ship_give_the_digests_of_the_original()
    {
        var (compared, differences) = CorpusDigest.CompareAll(TokenizerGolden.FileOf("corpus"), TokenizerGolden.FileOf("corpus_digest.jsonl"));

        differences.Should().BeEmpty();
        compared.Should().Be(20);
    }

    /// <summary>Runs only when asked for, by eng/check-tokenizer-corpus: most of the data may not be shipped with the project.</summary>
    [Fact(Explicit = true)]
    public void A_whole_corpus_gives_the_digests_of_the_original()
    {
        var (compared, differences) = CorpusDigest.CompareAll(ValueOf(DataFolderVariable), ValueOf(DigestFileVariable));

        differences.Should().BeEmpty();
        compared.Should().BePositive();
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} digests agree.");
    }

    private static string ValueOf(string variable) => Environment.GetEnvironmentVariable(variable)
        ?? throw new InvalidOperationException($"Set {variable}, or run eng/check-tokenizer-corpus.");
}

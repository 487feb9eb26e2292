namespace ResidualPrompts.ParityTests.Tokenization;

public class CorpusDigestTests
{
    /// <summary>
    /// A folder of data and its digests. The second row is there only when eng/check-tokenizer-corpus asks for it: most of the data may
    /// not be shipped with the project.
    /// </summary>
    public static TheoryData<string, string, int> Corpora()
    {
        var corpora = new TheoryData<string, string, int>
        {
            { TokenizerGolden.FileOf("corpus"), TokenizerGolden.FileOf("corpus_digest.jsonl"), 20 },
        };
        if (Environment.GetEnvironmentVariable("RESIDUALPROMPTS_CORPUS") is { Length: > 0 } folder
            && Environment.GetEnvironmentVariable("RESIDUALPROMPTS_CORPUS_DIGEST") is { Length: > 0 } digestFile)
            corpora.Add(folder, digestFile, 90);
        return corpora;
    }

    [Theory]
    [MemberData(nameof(Corpora))]
    public void Whole_data_files_give_the_digests_of_the_original(string dataFolder, string digestFile, int digestCount)
    {
        var (compared, differences) = CorpusDigest.CompareAll(dataFolder, digestFile);

        differences.Should().BeEmpty();
        compared.Should().Be(digestCount);
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} digests agree with {digestFile}.");
    }
}

using BenchmarkDotNet.Attributes;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Benchmarks;

/// <summary>Text to ids and back. Only the result should be allocated: 4 bytes per id for encoding, the text for decoding.</summary>
[MemoryDiagnoser]
public class TokenizerBenchmarks
{
    private const int ReviewCount = 500;
    private T5Tokenizer _tokenizer = null!;
    private string[] _reviews = null!;
    private string _long = null!;
    private int[] _ids = null!;

    [GlobalSetup]
    public void Setup()
    {
        _tokenizer = T5Tokenizer.Load(BundledModels.Locate("t5-nano"));
        _reviews = [.. DataSource.Open(BundledDataSets.Locate("rotten-tomatoes")).Read(DataSplit.Train).Take(ReviewCount)
            .Select(row => row.Text("text"))];
        _long = string.Join(' ', _reviews);
        _ids = _tokenizer.Encode(_long);
    }

    [Benchmark(Baseline = true)]
    public int Encode_reviews() => _reviews.Sum(review => _tokenizer.Encode(review).Length);

    [Benchmark]
    public int Encode_them_as_one_text() => _tokenizer.Encode(_long).Length;

    [Benchmark]
    public int Encode_one_text_and_cut_it() => _tokenizer.Encode(_long, maxLength: 512).Length;

    [Benchmark]
    public int Decode_one_text() => _tokenizer.Decode(_ids).Length;
}

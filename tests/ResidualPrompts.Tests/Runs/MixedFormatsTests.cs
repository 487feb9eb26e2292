using System.IO.Compression;
using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Parquet;
using ResidualPrompts.Runs.Planning;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs;

/// <summary>A folder of data may have Parquet beside text: the same rows train and score alike in whatever format a split has.</summary>
public sealed class MixedFormatsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TextModel _model = new();

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("train.csv", "validation.parquet", "test.jsonl.gz", "1")]
    [InlineData("train.parquet", "dev.csv", "test.tsv.gz", "1")]
    [InlineData("train.csv", "val.parquet", "test.parquet", "1.0")]
    [InlineData("train.csv", "validation-00000-of-00001.parquet", "test.jsonl", "true")]
    public void Every_split_may_have_a_format_of_its_own(string train, string validation, string test, string one)
    {
        var zero = one switch { "1" => "0", "1.0" => "0.0", _ => "false" };
        var plain = Trained("plain", "train.jsonl", "validation.jsonl", "test.jsonl", zero, one, out _);
        Trained("mixed", train, validation, test, zero, one, out var warnings).Should().Equal(plain);
        warnings.Should().BeEmpty();
    }

    [Fact]
    public void The_same_split_in_two_formats_is_ambiguous()
    {
        Write("data/train.csv", "0", "1", 0, 12);
        Write("data/train.parquet", "0", "1", 0, 12);
        FluentActions.Invoking(() => RunRows.Load(Spec("data"))).Should().Throw<DataException>().WithMessage("*train.csv, train.parquet*");
    }

    /// <summary>The bytes of prompt and predictions.</summary>
    private IEnumerable<byte> Trained(
        string name, string train, string validation, string test, string zero, string one, out IReadOnlyList<string> warnings)
    {
        Write($"{name}-data/{train}", zero, one, 0, 24);
        Write($"{name}-data/{validation}", zero, one, 24, 12);
        Write($"{name}-data/{test}", zero, one, 36, 7);
        var spec = Spec($"{name}-data", one == "true" ? "false=bad,true=good" : "0=bad,1=good") with { SaveName = name };
        TinyRun.Train(spec);
        var record = JsonNode.Parse(File.ReadAllText(Path.Combine(spec.Directory, "run.json")))!;
        warnings = [.. record["warnings"]!.AsArray().Select(warning => warning!["message"]!.GetValue<string>())];
        return
        [
            .. File.ReadAllBytes(Path.Combine(spec.Directory, "prompt.npy")),
            .. new[] { "validation", "test" }.SelectMany(split => File.ReadAllBytes(Path.Combine(spec.Directory, "predictions", split + ".jsonl"))),
        ];
    }

    private RunSpec Spec(string data, string words = "0=bad,1=good") => _model.Spec with
    {
        Data = _folder.File(data),
        Template = "film: {text}",
        LabelWords = words,
        Epochs = 1,
        Test = true,
        SaveDir = _folder.Path,
        SaveName = "run",
    };

    /// <summary>Writes rows in the format of a name; the columns of Parquet are numbers or truth values, as other programs write them.</summary>
    private void Write(string name, string zero, string one, int from, int count)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        string LabelOf(int i) => i % 2 == 0 ? zero : one;
        var stem = name.Replace(".gz", "", StringComparison.Ordinal);
        var separator = stem.EndsWith(".tsv", StringComparison.Ordinal) ? '\t' : ',';
        var lines = Enumerable.Range(from, count).Select(i => Path.GetExtension(stem) is ".csv" or ".tsv"
            ? $"ein Männchen {i}{separator}{LabelOf(i)}"
            : $$"""{"text":"ein Männchen {{i}}","label":{{LabelOf(i)}}}""");
        if (Path.GetExtension(stem) is ".csv" or ".tsv")
            lines = lines.Prepend($"text{separator}label");
        var text = string.Concat(lines.Select(line => line + "\n"));
        if (Path.GetExtension(stem) == ".parquet")
        {
            using var stream = File.Create(_folder.File(name));
            ParquetTable.Write(stream, _folder.Write("rows.jsonl", text), null, TestContext.Current.CancellationToken);
        }
        else if (stem != name)
        {
            using var stream = new GZipStream(File.Create(_folder.File(name)), CompressionMode.Compress);
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
        else
        {
            _folder.Write(name, text);
        }
    }
}

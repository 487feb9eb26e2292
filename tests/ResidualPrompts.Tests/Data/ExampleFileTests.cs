using System.Text;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data;

public sealed class ExampleFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("rows.jsonl", "{\"text\":\"grün\",\"label\":1}\n")]
    [InlineData("rows.csv", "text,label\ngrün,1\n")]
    [InlineData("rows.tsv", "text\tlabel\ngrün\t1\n")]
    public void The_same_row_comes_out_of_every_kind_of_file(string name, string text)
    {
        var path = _folder.Write(name, text);
        var row = ExampleFile.ReadAll(path).Should().ContainSingle().Which;
        (row.Source, row.Index, row.Value("text"), row.Value("label")).Should().Be((path, 0, "grün", "1"));
    }

    [Theory]
    [InlineData("rows.jsonl", "\n")]
    [InlineData("rows.csv", "text,label\n")]
    [InlineData("rows.tsv", "")]
    public void A_file_without_rows_is_an_error(string name, string text)
    {
        var path = _folder.Write(name, text);
        FluentActions.Invoking(() => ExampleFile.ReadAll(path)).Should().Throw<DataException>().WithMessage("*" + name + " holds no rows.");
    }

    [Theory]
    [InlineData("rows.jsonl", "{\"text\":1}\n")]
    [InlineData("rows.csv", "text\n")]
    [InlineData("rows.tsv", "text\n")]
    public void Bytes_that_are_not_utf8_name_their_line(string name, string firstLine)
    {
        File.WriteAllBytes(_folder.File(name), [.. Encoding.UTF8.GetBytes(firstLine), (byte)'g', (byte)'r', 0xFC, (byte)'n', (byte)'\n']);
        FluentActions.Invoking(() => ExampleFile.ReadAll(_folder.File(name))).Should().Throw<DataException>()
            .WithMessage("*line 2: not valid UTF-8 at byte 3*");
    }

    [Fact]
    public void Other_files_and_missing_ones_are_errors()
    {
        FluentActions.Invoking(() => ExampleFile.ReadAll(_folder.Write("rows.xlsx", "x"))).Should().Throw<DataException>()
            .WithMessage("*not a data file: expected .jsonl, .csv, .tsv, .parquet (or with .gz), found '.xlsx'*");
        FluentActions.Invoking(() => ExampleFile.ReadAll(_folder.File("rows.csv"))).Should().Throw<DataException>()
            .WithMessage("*cannot be read: no such file*");
    }
}

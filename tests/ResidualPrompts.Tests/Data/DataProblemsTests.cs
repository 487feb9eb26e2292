using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data;

/// <summary>What is odd in real data sets and their copies.</summary>
public sealed class DataProblemsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Keys_in_any_order_missing_labels_and_labels_of_any_type_are_read_by_name()
    {
        var rows = Rows.Json("""{"question":"q","passage":"p","idx":7,"label":true}""", """{"passage":"p2","question":"q2","answer":false}""",
            """{"question":"q3","passage":"p3","label":"2","idx":"a"}""");
        rows.Select(row => row.Text("question")).Should().Equal("q", "q2", "q3");
        rows.Select(row => row.Has("label") ? row.Value("label") : null).Should().Equal("true", null, "2");
        rows.Select(row => row.Index).Should().Equal(0, 1, 2); // never the idx of the data
    }

    [Fact]
    public void The_last_row_needs_no_line_break_and_a_first_byte_order_mark_is_no_part_of_a_name()
    {
        Rows.Tsv("\uFEFFQuality\t#1 String\r\n1\tA \"quote\" that is not closed\r\n0\tlast")
            .Select(row => (row.Value("Quality"), row.Text("#1 String"))).Should().Equal(("1", "A \"quote\" that is not closed"), ("0", "last"));
        Rows.Json("{\"a\":\"\uFEFFb\"}")[0].Text("a").Should().Be("\uFEFFb"); // inside, it is the tokenizer's
    }

    [Theory]
    [InlineData("text\tlabel\r\na\t1\r\nb\t0\r\n")]
    [InlineData("text\tlabel\na\t1\nb\t0")]
    public void A_carriage_return_does_not_end_up_in_the_last_column(string text) =>
        Rows.Tsv(text).Select(row => row.Value("label")).Should().Equal("1", "0");

    [Fact]
    public void Lines_that_end_in_bare_carriage_returns_are_refused()
    {
        FluentActions.Invoking(() => Rows.Tsv("text\tlabel\ra\t1\rb\t0\r")).Should().Throw<DataException>()
            .WithMessage("file, line 1: there is a carriage return in the header*");
        FluentActions.Invoking(() => Rows.Csv("text,label\ra,1\rb,0\r")).Should().Throw<DataException>()
            .WithMessage("file, line 1: there is a carriage return in the header*");
        FluentActions.Invoking(() => Rows.Json("{\"a\":1}\r{\"a\":2}\r")).Should().Throw<DataException>()
            .WithMessage("file, line 1: not valid JSON*");
    }

    [Fact]
    public void Outer_and_double_spaces_controls_odd_characters_and_line_breaks_in_values_are_kept()
    {
        const string Odd = " two  spaces \u0008\u0012\u0085\u00A0\u200B\u200E\u00AD\uFFFD\u2028 willow-towered Canopy\nHuntertropic â€œ ";
        Rows.Json(System.Text.Json.JsonSerializer.Serialize(new { text = Odd }))[0].Text("text").Should().Be(Odd);
        Rows.Csv($"text\n\"{Odd}\"\n")[0].Text("text").Should().Be(Odd);
        var line = Odd.Replace('\n', ' ');
        Rows.Tsv($"text\n{line}\n")[0].Text("text").Should().Be(line);
    }

    [Fact]
    public void Values_that_were_quoted_twice_and_html_are_kept() =>
        Rows.Json("""{"sentence":"\"a \"\"fine\"\" film , and it&#39;s\\short .\"","label":"1"}""")[0].Text("sentence")
            .Should().Be("\"a \"\"fine\"\" film , and it&#39;s\\short .\"");

    [Fact]
    public void Json_escapes_are_characters() =>
        Rows.Json("""{"text":"caf\u00e9 \/ \ud83d\ude00"}""")[0].Text("text").Should().Be("café / 😀");

    [Theory]
    [InlineData("rows.tsv", "index\tsentence\n0\ta\n1\tb\tc\n", "*rows.tsv, line 3: 3 cells, expected 2 as in the header")]
    [InlineData("rows.csv", "text,label\na,1\n\"b,0\nc,1\n", "*rows.csv, line 3: *unclosed*")]
    [InlineData("rows.jsonl", "{\"a\":1}\n{\"a\":\n", "*rows.jsonl, line 2: not valid JSON*")]
    public void A_bad_row_is_named_with_file_and_line(string name, string text, string message) =>
        FluentActions.Invoking(() => ExampleFile.ReadAll(_folder.Write(name, text))).Should().Throw<DataException>().WithMessage(message);

    [Fact]
    public void A_byte_that_is_not_utf8_is_named_with_its_offset_and_read_in_the_named_encoding()
    {
        var path = _folder.File("rows.tsv");
        byte[] bytes = [.. "text\nplain\ncaf"u8, 0xE9, .. " au lait\n"u8];
        File.WriteAllBytes(path, bytes);
        FluentActions.Invoking(() => ExampleFile.ReadAll(path)).Should().Throw<DataException>()
            .WithMessage("*rows.tsv, line 3: not valid UTF-8 at byte 4 of the line, byte 15 of the text (0xE9)")
            .Which.Remedies.OfType<Remedy.SetSetting>().Single().Name.Should().Be("encoding");
        bytes[14].Should().Be(0xE9);
        foreach (var name in new[] { "latin1", "iso-8859-1", "windows-1252" })
            ExampleFile.ReadAll(path, encoding: TextEncoding.Parse(name).ToEncoding())[1].Text("text").Should().Be("café au lait");
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("shift_jis")]
    public void Other_encodings_are_read_in_every_format(string name)
    {
        var encoding = TextEncoding.Parse(name).ToEncoding();
        var path = _folder.File("rows.csv");
        File.WriteAllBytes(path, [.. encoding.GetPreamble(),
            .. encoding.GetBytes("text,label\r\n\"日本, é\",1\r\n".Replace("é", name == "shift_jis" ? "e" : "é", StringComparison.Ordinal))]);
        ExampleFile.ReadAll(path, encoding: encoding)[0].Text("text").Should().StartWith("日本, ");
        if (name.StartsWith("utf-16", StringComparison.Ordinal))
            FluentActions.Invoking(() => ExampleFile.ReadAll(path)).Should().Throw<DataException>().WithMessage("*it begins like UTF-16*");
    }

    [Fact]
    public void Bytes_that_do_not_fit_the_named_encoding_are_an_error()
    {
        var path = _folder.File("rows.csv");
        File.WriteAllBytes(path, [.. "text\na\n"u8, 0x81, 0x0A, 0xFF, 0xFF]);
        FluentActions.Invoking(() => ExampleFile.ReadAll(path, encoding: TextEncoding.Parse("shift_jis").ToEncoding()))
            .Should().Throw<DataException>().WithMessage("*rows.csv cannot be read: after line * it is not valid shift_jis*");
        FluentActions.Invoking(() => TextEncoding.Parse("utf-5").ToEncoding()).Should().Throw<DataException>()
            .WithMessage("There is no encoding 'utf-5'*");
    }

    [Theory]
    [InlineData("rows.jsonl")]
    [InlineData("rows.csv")]
    [InlineData("rows.tsv")]
    public void A_line_of_ten_megabytes_is_read(string name)
    {
        var text = new string('x', 10_000_000);
        var path = _folder.Write(name, name.EndsWith("jsonl", StringComparison.Ordinal) ? $"{{\"text\":\"{text}\"}}\n" : $"text\n{text}\n");
        ExampleFile.ReadAll(path).Should().ContainSingle().Which.Text("text").Should().HaveLength(text.Length);
    }

    [Theory]
    [InlineData("rows.jsonl", "line 1: it is longer than 67108864 bytes*")]
    [InlineData("rows.csv", "line 1: it is longer than 67108864 bytes*")]
    public void A_file_without_line_breaks_is_refused_before_it_fills_the_memory(string name, string message)
    {
        var path = _folder.File(name);
        using (var file = File.Create(path))
            file.SetLength(1L << 32);
        FluentActions.Invoking(() => ExampleFile.Read(path).Count()).Should().Throw<DataException>().WithMessage("*" + message);
    }

    [Fact]
    public void Rows_that_are_there_twice_are_kept_and_counted_on_request()
    {
        var rows = Rows.Json("""{"text":"a","label":1}""", """{"text":"b"}""", """{"text":"a","label":1}""", """{"text":"a","label":null}""");
        var summary = DataSummary.Of(rows);
        (summary.RowCount, summary.DuplicateCount).Should().Be((4, 1));
        summary.Fields.Select(field => (field.Key, field.Value)).Should().Equal(("text", 4), ("label", 2));
    }
}

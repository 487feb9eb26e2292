using Parquet;
using Parquet.Schema;
using ResidualPrompts.Data.Parquet;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Data.Parquet;

/// <summary>Times, decimal numbers and the other types that Parquet.Net would show as something else.</summary>
public sealed class ParquetTypesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static string Times => Path.Combine(AppContext.BaseDirectory, "Data", "Parquet", "times.parquet");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("stamp_ms", "2024-03-01T10:00:00", "1969-12-31T23:59:59.999")]
    [InlineData("stamp_us", "2024-03-01T10:00:00", "1969-12-31T23:59:59.999999")]
    [InlineData("stamp_ns", "2024-03-01T10:00:00", "1969-12-31T23:59:59.999999999")]
    [InlineData("stamp_ms_utc", "2024-03-01T10:00:00Z", "1969-12-31T23:59:59.999Z")]
    [InlineData("stamp_us_utc", "2024-03-01T10:00:00Z", "1969-12-31T23:59:59.999999Z")]
    [InlineData("stamp_ns_utc", "2024-03-01T10:00:00Z", "1969-12-31T23:59:59.999999999Z")]
    [InlineData("time_ms", "10:00:00", "23:59:59.999")]
    [InlineData("time_us", "10:00:00", "23:59:59.999999")]
    [InlineData("time_ns", "10:00:00", "23:59:59.999999999")]
    [InlineData("time_ns_utc", "10:00:00", "23:59:59.999999999")]
    [InlineData("date", "2024-03-01", "1969-12-31")]
    [InlineData("dec9", "1.50", "-1234567.89")]
    [InlineData("dec18", "1.5000", "-12345678901234.5678")]
    [InlineData("dec38", "1234567890123456789012345678.9012345678", "-1234567890123456789012345678.9012345678")]
    [InlineData("decb", "0.001", "-99999999999999999999999999999999999.999")]
    [InlineData("uuid", "00112233-4455-6677-8899-aabbccddeeff", "00000000-0000-0000-0000-000000000000")]
    [InlineData("half", "0.099975586", "-65504")]
    [InlineData("interval", "P1M2DT1.5S", "P0M0DT0S")]
    [InlineData("int96", "2024-03-01T10:00:00.123456789Z", "1969-12-31T00:00:00Z")]
    [InlineData("u32", "4294967295", "0")]
    [InlineData("u64", "18446744073709551615", "0")]
    [InlineData("i8", "-128", "127")]
    public void Every_type_is_shown_as_what_it_means(string column, string first, string last)
    {
        var rows = ExampleFile.ReadAll(Times);
        (rows[0].Value(column), rows[1].Has(column), rows[2].Value(column)).Should().Be((first, false, last));
    }

    [Fact]
    public void Times_within_lists_are_shown_alike() =>
        ExampleFile.ReadAll(Times).Select(row => row.Json("stamps")?.GetRawText())
            .Should().Equal("""["2024-03-01T10:00:00.000001",null]""", null, "[]");

    [Fact]
    public void All_columns_are_written_again_as_they_were()
    {
        var rows = ExampleFile.ReadAll(Times).Select(row => row.ToString()).ToArray();
        var path = Written(rows, Times);
        ExampleFile.ReadAll(path).Select(row => row.ToString().Replace("\\\"", "\"", StringComparison.Ordinal))
            .Should().Equal(rows.Select(row => row.Replace("""["2024-03-01T10:00:00.000001",null]""", """
            "["2024-03-01T10:00:00.000001",null]"
            """, StringComparison.Ordinal).Replace("[]", "\"[]\"", StringComparison.Ordinal)), "a list of texts becomes JSON");
        var (before, after) = (ParquetFile.TypesIn(Times), ParquetFile.TypesIn(path));
        foreach (var (name, (type, _)) in before.Where(column => column.Key != "half"))
            after[name].Type.Should().Be(type.Meaning == ParquetMeaning.Decimal ? type with { Length = after[name].Type.Length } : type, name);
        ParquetFile.TypesIn(path)["half"].Type.Physical.Should().Be(ParquetPhysical.Float, "Parquet.Net cannot write numbers of 16 bits");
    }

    [Fact]
    public async Task A_reader_of_the_written_file_sees_the_annotations()
    {
        var path = Written([.. ExampleFile.ReadAll(Times).Select(row => row.ToString())], Times);
        await using var reader = await ParquetReader.CreateAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        var fields = reader.Schema.DataFields.ToDictionary(field => field.Name);
        fields["stamp_ns"].Should().BeOfType<DateTimeDataField>().Which.Should()
            .Match<DateTimeDataField>(field => !field.IsAdjustedToUTC && field.Unit == DateTimeTimeUnit.Nanos);
        fields["stamp_us_utc"].Should().BeOfType<DateTimeDataField>().Which.IsAdjustedToUTC.Should().BeTrue();
        fields["time_us"].Should().BeOfType<TimeDataField>().Which.IsAdjustedToUtc.Should().BeFalse();
        fields["dec38"].Should().BeOfType<DecimalDataField>().Which.Should()
            .Match<DecimalDataField>(field => field.Precision == 38 && field.Scale == 10);
        using var group = reader.OpenRowGroupReader(0);
        using var date = await group.ReadRawColumnDataBaseAsync(fields["date"], TestContext.Current.CancellationToken);
        using var big = await group.ReadRawColumnDataBaseAsync(fields["dec18"], TestContext.Current.CancellationToken);
        ((global::Parquet.Data.RawColumnData<decimal>)big).Values[1].Should().Be(-12345678901234.5678m);
    }

    [Theory]
    [InlineData(long.MinValue, 3, "-292275055-05-16T16:47:04.192")]
    [InlineData(long.MaxValue, 3, "+292278994-08-17T07:12:55.807")]
    [InlineData(long.MinValue, 9, "1677-09-21T00:12:43.145224192")]
    [InlineData(long.MaxValue, 9, "2262-04-11T23:47:16.854775807")]
    [InlineData(253402300800000, 3, "+10000-01-01T00:00:00")]
    [InlineData(-62135596800001, 3, "0000-12-31T23:59:59.999")]
    [InlineData(951782400000, 3, "2000-02-29T00:00:00")]
    [InlineData(0, 6, "1970-01-01T00:00:00")]
    public void Every_timestamp_has_a_text_and_comes_back(long count, int digits, string text)
    {
        var unit = (ParquetUnit)digits;
        ParquetTime.Timestamp(count, unit, isUtc: false).Should().Be(text);
        ParquetTime.ParseTimestamp(text, unit).Should().Be(count);
        ParquetTime.ParseTimestamp(ParquetTime.Timestamp(count, unit, isUtc: true), unit).Should().Be(count);
    }

    [Fact]
    public void Dates_agree_with_those_of_the_platform()
    {
        for (var day = -700_000; day < 2_900_000; day += 97)
        {
            var text = DateOnly.FromDayNumber(day + 719_162).ToString("O", System.Globalization.CultureInfo.InvariantCulture);
            ParquetTime.Date(day).Should().Be(text);
            ParquetTime.ParseDate(text).Should().Be(day);
        }
    }

    private string Written(IReadOnlyList<string> lines, string? like)
    {
        var rows = _folder.Write("rows.jsonl", string.Join('\n', lines));
        using var stream = File.Create(_folder.File("written.parquet"));
        ParquetTable.Write(stream, rows, like, TestContext.Current.CancellationToken);
        return _folder.File("written.parquet");
    }
}

using System.Reflection;
using System.Text.Json;
using CsCheck;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Data;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Tests.Batching;

public sealed class EncodedCacheTests : IDisposable
{
    private static readonly byte[] Key = [.. Enumerable.Repeat((byte)7, 32)];
    private static readonly string Tokenizer = Path.Combine(AppContext.BaseDirectory, "TestData", "t5-nano");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ids_survive_writing_and_reading() =>
        Gen.Select(Gen.Int[0, 70_000].Array[0, 9], Gen.Int[0, 300].Array[0, 3].Null(), Gen.Int[0, 300].Array[0, 3].Array[0, 4].Null()).Array[0, 20]
            .Sample(rows =>
        {
            var examples = rows.Select(row => new EncodedExample(row.Item1, row.Item2, row.Item3)).ToArray();
            var read = EncodedFile.Read(EncodedFile.Write(Key, examples, 5), Key)!.Value;
            read.CutCount.Should().Be(5);
            read.Examples.Should().BeEquivalentTo(examples, options => options.WithStrictOrdering());
        });

    [Fact]
    public void A_changed_byte_or_a_missing_one_is_never_believed()
    {
        var bytes = EncodedFile.Write(Key, [new EncodedExample([5, 6, 1], [9, 1]), new EncodedExample([70_000, 1])], 0);
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[i] ^= 1;
            EncodedFile.Read(damaged, Key).Should().BeNull();
            EncodedFile.Read(bytes.AsSpan(0, i), Key).Should().BeNull();
        }

        EncodedFile.Read(bytes, [.. Enumerable.Repeat((byte)8, 32)]).Should().BeNull();
        EncodedFile.Read(bytes, Key).Should().NotBeNull();
    }

    [Fact]
    public void The_file_has_all_that_an_encoded_example_has()
    {
        // Whoever adds something must add it to the file, too.
        typeof(EncodedExample).GetProperties().Select(property => property.Name).Should().Equal("InputIds", "TargetIds", "CandidateIds");
        typeof(EncodedSplit).GetProperties().Select(property => property.Name).Should().Equal("Rows", "Examples", "CutCount");
    }

    [Fact]
    public void The_key_has_all_that_a_row_says()
    {
        // What a row holds must be in its bytes, from which the key is made. Source and line are for messages alone; a field that cannot be
        // read has no ids, since asking for it is an error.
        typeof(Example).GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Select(field => field.Name).Order(StringComparer.Ordinal)
            .Should().Equal("<Index>k__BackingField", "<Line>k__BackingField", "<Source>k__BackingField", "_named", "_row",
                "_unreadable");
    }

    [Fact]
    public void Rows_that_a_layout_made_of_one_differ_in_their_digests()
    {
        var row = Rows.Json("""{"text":"a","label":1}""")[0];
        var made = new[] { row, row.With(("answer", JsonElement.Parse("\"x\""))), row.With(("answer", JsonElement.Parse("\"y\""))),
            row.With(("answe", JsonElement.Parse("\"y\""))) };
        made.Select(one => Convert.ToHexString(one.Digest())).Should().OnlyHaveUniqueItems();
        row.Numbered(5).Digest().Should().Equal(row.Digest());
    }

    [Fact]
    public void A_second_time_the_same_ids_come_from_the_file()
    {
        var rows = Many();
        var first = Encode(rows);
        _folder.FileNames().Should().ContainSingle().Which.Should().EndWith(".ids");
        Mark(first);
        var second = Encode(rows);
        second.Examples[0].InputIds.Should().Equal(42, 1); // the file says so
        second.CutCount.Should().Be(first.CutCount);
        second.Examples.Skip(1).Should().BeEquivalentTo(first.Examples.Skip(1), options => options.WithStrictOrdering());
        second.Rows.Should().BeSameAs(rows);
    }

    [Fact]
    public void A_row_is_rendered_once_and_not_at_all_when_its_ids_are_remembered()
    {
        var (rows, rendered) = (Many(), 0);
        var task = new TaskDefinition
        {
            Name = "t",
            Text = row =>
            {
                rendered++;
                return row.Text("text");
            },
            Labels = LabelWords.Parse("0=bad,1=good"),
        };
        ExampleEncoder Counting() => new(task, T5Tokenizer.Load(Tokenizer), 20, 0, _ => null);
        var first = Cache().Encode(Counting(), rows, needsTargets: true);
        string?[] Answers(EncodedSplit split) => [.. Enumerable.Range(0, rows.Count).Select(i => split.Read(i).Reference)];
        var answers = Answers(first);
        rendered.Should().Be(rows.Count);
        answers.Should().Equal(rows.Select((_, i) => i % 2 == 0 ? "bad" : "good"));
        Enumerable.Range(0, rows.Count)
            .Should().OnlyContain(i => first.Read(i).Text == "", "the ids are the text, and a million rows are not kept twice");
        var second = Cache().Encode(Counting(), rows, needsTargets: true);
        Answers(second).Should().Equal(answers);
        Answers(Cache().Encode(Counting(), rows, needsTargets: true, keepsAnswers: false)).Should().Equal(answers);
        second.Read(3).Should().BeSameAs(second.Read(3), "it is read once");
        rendered.Should().Be(rows.Count);
        EncodedCache Cache() => new(_folder.Path, "counting", [Path.Combine(Tokenizer, "spiece.model")], 20, 0);
    }

    [Theory]
    [InlineData("rows")]
    [InlineData("order")]
    [InlineData("task")]
    [InlineData("limit")]
    [InlineData("tokenizer")]
    [InlineData("targets")]
    public void Whatever_the_ids_follow_from_makes_another_entry(string changed)
    {
        var rows = Many();
        Mark(Encode(rows));
        var others = changed == "rows" ? Many("zzz") : changed == "order" ? [.. rows.AsEnumerable().Reverse()] : rows;
        File.WriteAllText(_folder.File("tokenizer_config.json"), "{}");
        var encoded = Encode(others, changed == "task" ? "other" : "task", changed == "limit" ? 9 : 20, changed == "tokenizer"
            ? _folder.File("tokenizer_config.json") : null, needsTargets: changed != "targets");
        encoded.Examples.Should().NotContain(example => example.InputIds.SequenceEqual(new[] { 42, 1 }));
        Directory.GetFiles(_folder.Path, "*.ids").Should().HaveCount(2);
    }

    [Fact]
    public void A_damaged_entry_is_made_again()
    {
        var rows = Many();
        var first = Encode(rows);
        var path = Directory.GetFiles(_folder.Path, "*.ids").Single();
        var good = File.ReadAllBytes(path);
        foreach (var bad in new byte[][] { [], good[..100], [.. good[..60], 9, .. good[61..]] })
        {
            File.WriteAllBytes(path, bad);
            Encode(rows).Examples.Should().BeEquivalentTo(first.Examples, options => options.WithStrictOrdering());
            File.ReadAllBytes(path).Should().Equal(good);
        }
    }

    [Fact]
    public void Few_rows_and_a_folder_that_cannot_be_written_are_encoded_all_the_same()
    {
        Encode([.. Many().Take(EncodedCache.MinRows - 1)]);
        _folder.FileNames().Should().BeEmpty();
        var file = _folder.Write("file", "");
        new EncodedCache(Path.Combine(file, "below"), "task", [], 20, 0).Encode(Encoder(20), Many(), needsTargets: true)
            .Examples.Should().HaveCount(EncodedCache.MinRows);
    }

    [Fact]
    public void Several_at_once_get_the_same_and_leave_one_whole_entry()
    {
        var rows = Many();
        var expected = Encode(rows).Examples;
        Directory.GetFiles(_folder.Path).ToList().ForEach(File.Delete);
        Parallel.For(0, 6, _ => Encode(rows).Examples.Should().BeEquivalentTo(expected, options => options.WithStrictOrdering()));
        _folder.FileNames().Should().ContainSingle();
    }

    private static List<Example> Many(string end = "end") =>
        Rows.Json([.. Enumerable.Range(0, EncodedCache.MinRows)
            .Select(i => $$"""{"text":"a film number {{i}} of """
            + $$"""the {{(i % 7 == 0 ? "very long list of films that is cut somewhere along the way for sure" : end)}}","label":{{i % 2}}}""")]);

    private static ExampleEncoder Encoder(int limit) => new(
        new TaskDefinition { Name = "t", Template = Template.Parse("{text}"), Labels = LabelWords.Parse("0=bad,1=good") },
            T5Tokenizer.Load(Tokenizer), limit, 0, _ => null);

    private EncodedSplit Encode(IReadOnlyList<Example> rows, string task = "task", int limit = 20, string? config = null, bool needsTargets = true) =>
        new EncodedCache(_folder.Path, task, new[] { Path.Combine(Tokenizer, "spiece.model"), config }.OfType<string>(), limit, 0)
            .Encode(Encoder(limit), rows, needsTargets);

    /// <summary>Changes the entry so that one sees that it was read.</summary>
    private void Mark(EncodedSplit split)
    {
        var path = Directory.GetFiles(_folder.Path, "*.ids").Single();
        File.WriteAllBytes(path, EncodedFile.Write(File.ReadAllBytes(path)
            .AsSpan(0, 32), [new EncodedExample([42, 1], split.Examples[0].TargetIds), .. split.Examples.Skip(1)], split.CutCount));
    }
}

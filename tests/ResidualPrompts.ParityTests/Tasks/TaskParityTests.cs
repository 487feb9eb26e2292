using System.Text.Json;
using ResidualPrompts.Batching;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.ParityTests.Tokenization;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.ParityTests.Tasks;

/// <summary>
/// Rows of data files in their official form against Golden/tasks: what the original makes of them, and the same with its mistakes
/// corrected. Whole files are compared by eng/check-tasks.
/// </summary>
public sealed class TaskParityTests
{
    private const int MaxInputTokens = 512;

    /// <summary>Every task of the original, with the rows that its golden file has.</summary>
    public static TheoryData<string, int> Tasks => new()
    {
        { "ag_news", 8 }, { "amazon", 4 }, { "boolq", 8 }, { "cb", 8 }, { "cola", 8 }, { "copa", 80 }, { "dbpedia_14", 4 }, { "imdb", 8 },
            { "mnli", 4 }, { "mrpc", 8 }, { "multirc", 8 },
        { "qnli", 4 }, { "qqp", 10 }, { "record", 8 }, { "rte", 8 }, { "rte_superglue", 8 }, { "sst2", 8 }, { "stsb", 8 }, { "wic", 8 },
            { "wnli", 8 }, { "wsc", 80 }, { "wsc_bool", 8 },
        { "yahoo_answers_topics", 10 }, { "yelp_review_full", 8 },
    };

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Texts_targets_and_ids_are_the_repaired_ones(string name, int expectedCount) =>
        new GoldenTask(BuiltInTasks.Find(name), Folder(name)).Check(GoldenRows(name), isOriginal: false).Should().Be(expectedCount);

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Texts_targets_and_ids_are_the_originals_where_it_is_asked_for(string name, int expectedCount)
    {
        if (name == "wnli")
        {
            FluentActions.Invoking(() => OriginalTasks.Find(name)).Should().Throw<TaskException>()
                .WithMessage("The original cannot run task 'wnli'; *");
            return;
        }

        // The original passes over rows whose pronoun refers to something else.
        new GoldenTask(OriginalTasks.Find(name), Folder(name)).Check(GoldenRows(name), isOriginal: true)
            .Should().Be(name == "wsc" ? 53 : expectedCount);
    }

    [Fact]
    public void Label_words_are_whole_and_the_originals_are_cut_as_it_cuts_them()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Golden.Path("tasks", "labels.json")));
        var tokenizer = TokenizerGolden.Tokenizer("t5");
        foreach (var task in file.RootElement.EnumerateObject())
        {
            var words = task.Value.GetProperty("words").EnumerateArray().ToList();
            if (words.Count == 0)
                continue;
            BuiltInTasks.Find(task.Name).Labels!.Words.Should().Equal(words.Select(word => word.GetProperty("word").GetString()), task.Name);
            foreach (var word in words)
            {
                var text = word.GetProperty("word").GetString()!;
                Encoder(BuiltInTasks.Find(task.Name)).Target(text).Should().Equal(Ids(word.GetProperty("ids")));
                if (word.GetProperty("reference_ids").ValueKind == JsonValueKind.Null)
                    continue;
                var original = Encoder(OriginalTasks.Find(task.Name));
                original.Target(text).Should().Equal(Ids(word.GetProperty("reference_ids")));
                original.AsWritten(new TaskExample(0, "", text, 0, text)).Reference.Should().Be(word.GetProperty("reference_normalised").GetString());
            }
        }

        ExampleEncoder Encoder(TaskDefinition task) => new(task, tokenizer, MaxInputTokens, 0, _ => null);
    }

    [Fact]
    public void Always_no_scores_66_of_104_on_the_winograd_schema_challenge()
    {
        var task = BuiltInTasks.Find("wsc");
        var rows = DataSource.Open(Folder("wsc"), task.Layout).Read(DataSplit.Validation).Select(task.ReadLabelled).ToList();
        rows.Count(row => task.Judge(row, "nothing-of-the-kind") == row.Reference).Should().Be(66);
        rows.Should().HaveCount(104);
    }

    /// <summary>Runs only by eng/check-tasks, which says where data and golden rows are.</summary>
    [Fact]
    public void Whole_golden_files_are_what_tasks_make_of_real_data()
    {
        var (data, golden) = (Environment.GetEnvironmentVariable("RESIDUALPROMPTS_TASK_DATA"),
            Environment.GetEnvironmentVariable("RESIDUALPROMPTS_TASK_GOLDEN"));
        if (data is null || golden is null)
            return;
        var count = 0;
        foreach (var (name, train, evaluated) in RealData.Files)
        {
            var rows = TokenizerGolden.Lines(Path.Combine(golden, $"{name}.jsonl")).ToLookup(row => row.GetProperty("split").GetString() == "train");
            foreach (var (isTrain, file) in new[] { (true, train), (false, evaluated) })
            {
                if (file is null)
                    continue;
                var path = Path.Combine(data, file);
                count += new GoldenTask(BuiltInTasks.Find(name), path).Check(rows[isTrain], isOriginal: false);
                if (name != "wnli")
                    count += new GoldenTask(OriginalTasks.Find(name), path).Check(rows[isTrain], isOriginal: true);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{count} rows agree");
        count.Should().BeGreaterThan(2500);
    }

    private static string Folder(string name) => Directory.Exists(Golden.Path("tasks", "data", name)) ? Golden.Path("tasks", "data", name)
        : BundledDataSets.Locate(name);

    private static IEnumerable<JsonElement> GoldenRows(string name) => TokenizerGolden.Lines(Golden.Path("tasks", $"{name}.jsonl"));

    private static IEnumerable<int> Ids(JsonElement ids) => ids.EnumerateArray().Select(id => id.GetInt32());
}

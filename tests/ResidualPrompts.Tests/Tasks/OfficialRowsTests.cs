using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Data;

namespace ResidualPrompts.Tests.Tasks;

/// <summary>Files in their official form become the rows of the hub, and rows of the hub stay as they are.</summary>
public sealed class OfficialRowsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Each_answer_of_a_passage_is_a_row_with_its_question_as_group()
    {
        var rows = Read("multirc", """
            {"idx":7,"passage":{"text":"P","questions":[{"idx":3,"question":"Q","answers":[{"idx":8,"text":"a","label":1},{"idx":9,"text":"b","label":0}]},{"idx":4,"question":"R","answers":[{"idx":10,"text":""}]}]}}
            """);
        rows.Select(row => (row.Index, row.Text, row.Reference, row.Group)).Should().Equal(
            (0, "question: Q answer: a paragraph: P", "true", "[7,3]"), (1, "question: Q answer: b paragraph: P", "false", "[7,3]"),
                (2, "question: R answer:  paragraph: P", null, "[7,4]"));
        Read("multirc", """{"paragraph":"P","question":"Q","answer":"a","idx":{"paragraph":7,"question":3,"answer":8},"label":1}""").Single()
            .Should().BeEquivalentTo(rows[0]);
    }

    /// <summary>The 104 validation rows of WSC are about 41 texts.</summary>
    [Fact]
    public void Rows_about_one_text_are_a_cluster()
    {
        var task = BuiltInTasks.Find("wsc");
        var rows = DataSource.Open(BundledDataSets.Locate("wsc"), task.Layout).Load(new SplitOptions()).Validation!;
        rows.Should().HaveCount(104);
        rows.Select(task.ClusterOf).Distinct().Should().HaveCount(41).And.OnlyContain(cluster => cluster!.Length == 16);
        Read("multirc", """{"paragraph":"P","question":"Q","answer":"a","idx":{"paragraph":7,"question":3,"answer":8},"label":1}""").Single()
            .Cluster.Should().Be("7");
    }

    [Fact]
    public void Each_query_of_a_passage_is_a_row_with_its_entities_in_code_point_order()
    {
        var rows = Read("record", """
            {"idx":1,"passage":{"text":"Zoe met Al. Al left.","entities":[{"start":0,"end":2},{"start":8,"end":9},{"start":12,"end":13}]},"qas":[{"idx":5,"query":"@placeholder met Al","answers":[{"start":0,"end":2,"text":"Zoe"}]},{"idx":6,"query":"q"}]}
            """);
        rows.Select(row => (row.Index, row.Text, row.TargetText)).Should().Equal(
            (0, "passage : Zoe met Al. Al left. query: @placeholder met Al entities: Al; Zoe", "Zoe"),
                (1, "passage : Zoe met Al. Al left. query: q entities: Al; Zoe", null));
        rows[0].Candidates.Should().Equal("Al", "Zoe");
        rows[0].Answers.Should().Equal("Zoe");
        rows[1].Answers.Should().BeNull();
    }

    [Theory]
    [InlineData("""{"idx":1,"passage":{"text":"abc","entities":[{"start":1,"end":3}]},"qas":[]}""",
        "*line 1: an entity goes from 1 to 3, expected places of the passage, 0 to 2")]
    [InlineData("""{"idx":1,"passage":{"text":"abc","entities":{}},"qas":[]}""", "*line 1: 'passage.entities' is an object, expected a list")]
    public void A_span_outside_of_its_passage_is_an_error(string json, string message) =>
        FluentActions.Invoking(() => Read("record", json)).Should().Throw<DataException>().WithMessage(message);

    [Fact]
    public void A_span_counts_code_points() =>
        Read("record", """{"idx":1,"passage":{"text":"😀 Zoe","entities":[{"start":2,"end":4}]},"qas":[{"idx":1,"query":"q"}]}""").Single()
            .Candidates.Should().Equal("Zoe");

    [Theory]
    [InlineData("boolq", """{"passage":"p","question":"q","answer":true}""", "true")]
    [InlineData("boolq", """{"passage":"p","question":"q","label":0}""", "false")]
    [InlineData("cb", """{"premise":"p","hypothesis":"h","label":"neutral"}""", "neutral")]
    [InlineData("cb", """{"premise":"p","hypothesis":"h","label":1}""", "contradiction")]
    [InlineData("ag_news", """{"sentence":"s","label":"4"}""", "science")]
    [InlineData("ag_news", """{"text":"s","label":3}""", "science")]
    [InlineData("dbpedia_14", """{"sentence":"s","label":"14"}""", "writtenwork")]
    [InlineData("dbpedia_14", """{"title":"t","content":"s","label":13}""", "writtenwork")]
    [InlineData("amazon", """{"title":"t","content":"s","label":4}""", "wonderful")]
    [InlineData("mnli", """{"sentence1":"p","sentence2":"h","gold_label":"neutral"}""", "neutral")]
    [InlineData("qnli", """{"question":"q","sentence":"s","label":"not_entailment"}""", "not_entailment")]
    [InlineData("qqp", """{"question1":"p","question2":"q","is_duplicate":"1"}""", "duplicate")]
    [InlineData("stsb", """{"sentence1":"p","sentence2":"q","score":3.8}""", "3.8")]
    [InlineData("stsb", """{"sentence1":"p","sentence2":"q","label":-1.0}""", null)]
    public void Labels_are_found_under_the_names_and_in_the_form_that_files_have(string task, string json, string? expected) =>
        Read(task, json).Single().Reference.Should().Be(expected);

    [Fact]
    public void A_label_of_zero_in_a_file_that_counts_from_one_is_an_error() =>
        FluentActions.Invoking(() => Read("ag_news", """{"sentence":"s","label":0}""")).Should().Throw<DataException>()
            .WithMessage("*'label' is 0, expected labels from 1*");

    [Fact]
    public void A_table_without_header_keeps_its_first_row_and_one_with_a_header_is_read_by_it()
    {
        var task = BuiltInTasks.Find("cola");
        ExampleFile.ReadAll(_folder.Write("train.tsv", "gj04\t1\t\tHe \"ran.\ngj04\t0\t*\tHim ran."), task.Layout)
            .Select(row => (task.Read(row).Text, task.Read(row).Reference, row.Index))
            .Should().Equal(("He \"ran.", "acceptable", 0), ("Him ran.", "not_acceptable", 1));
        ExampleFile.ReadAll(_folder.Write("test.tsv", "index\tsentence\n0\tHe ran.\n"), task.Layout).Select(row => task.Read(row).Text)
            .Should().Equal("He ran.");
        var amazon = BuiltInTasks.Find("amazon");
        ExampleFile.ReadAll(_folder.Write("named.csv", "3,title,review\n4,a,b\n"), amazon.Layout).Select(row => amazon.Read(row).Text)
            .Should().Equal("review", "b");
        ExampleFile.ReadAll(_folder.Write("header.csv", "label,title,content\n4,a,b\n"), amazon.Layout).Select(row => amazon.Read(row).Text)
            .Should().Equal("b");
        ExampleFile.ReadAll(_folder.Write("train.csv", "5,a title,\"very, very good\"\n"), amazon.Layout)
            .Select(row => (amazon.Read(row).Text, amazon.Read(row).Reference)).Should().Equal(("very, very good", "wonderful"));
    }

    [Fact]
    public void A_missing_field_names_row_and_field() =>
        FluentActions.Invoking(() => Read("cb", """{"premise":"p","label":"neutral"}""")).Should().Throw<DataException>()
            .WithMessage("*line 1: no field 'hypothesis'; the row has 'premise', 'label'");

    [Theory]
    [InlineData("0.5", "0.4")] // halves go to the even multiple
    [InlineData("0.7", "0.8")]
    [InlineData("3.799999952316284", "3.8")]
    [InlineData("5.000", "5.0")]
    public void A_score_is_the_nearest_multiple_of_a_fifth(string score, string expected) =>
        Read("stsb", $$"""{"sentence1":"a","sentence2":"b","score":"{{score}}"}""").Single().TargetText.Should().Be(expected);

    private static List<TaskExample> Read(string name, string json)
    {
        var task = BuiltInTasks.Find(name);
        return [.. task.Layout.Apply(Rows.Json(json)).Select(task.Read)];
    }
}

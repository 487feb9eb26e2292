using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Data;

namespace ResidualPrompts.Tests.Tasks;

public sealed class TaskFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_says_the_same_as_a_definition()
    {
        var task = TaskFile.Read(_folder.Write("reviews.json", """
            {
              // stars stand in another field
              "template": "review: {body} about: {topic}", "label_words": { "1": "bad", "5": "good" }, "label_field": "stars", "cut_field": "body",
              "fields": { "body": ["text", "review"] }, "columns": ["stars", "topic", "body"], "metrics": ["f1"], "positive_label": "bad", "data": "reviews", "hub_data_set": "me/reviews:full"
            }
            """));
        task.Name.Should().Be("reviews");
        (task.DataSet, task.HubDataSet).Should().Be((_folder.File("reviews"), "me/reviews:full"));
        (task.LabelField, task.CutField, task.PositiveLabel, task.Evaluation).Should().Be(("stars", "body", "bad", EvaluationMode.Labels));
        task.Metrics.Should().Equal("f1");
        var row = task.Layout.Apply(Rows.Json("""{"review":"fine","topic":"a film","stars":5}""")).Single();
        task.ReadLabelled(row).Should().Be(new TaskExample(0, "review: fine about: a film", "good", 1, "good") { Cuttable = 8..12 });
        ExampleFile.ReadAll(_folder.Write("rows.csv", "1,a book,long\n"), task.Layout).Select(row => task.ReadLabelled(row).Text)
            .Should().Equal("review: long about: a book");
    }

    [Fact]
    public void Answers_may_be_texts_or_numbers_and_candidates_may_differ_by_row()
    {
        var open = TaskFile.Read(_folder.Write("open.json", """{"template":"{question}","target":"{answer}"}"""));
        (open.Evaluation, open.AnswerRule).Should().Be((EvaluationMode.Generate, AnswerRule.Text));
        open.Metrics.Should().Equal("em", "f1");
        open.ReadLabelled(Rows.Json("""{"question":"Who?","answer":"Ann"}""")[0]).TargetText.Should().Be("Ann");
        FluentActions.Invoking(() => open.ReadLabelled(Rows.Json("""{"question":"Who?"}""")[0])).Should().Throw<DataException>()
            .WithMessage("*line 1: the row has no answer*");
        var number = TaskFile.Read(_folder.Write("number.json", """{"template":"{text}","target":"{score}","answer":"number"}"""));
        number.Metrics.Should().Equal("pearson", "spearman");
        number.Judge(new TaskExample(0, "", null, null, null), " 3.5").Should().Be("3.5");
        var choice = TaskFile.Read(_folder.Write("choice.json", """{"template":"{text}","target":"{answer}","candidates_field":"choices"}"""));
        choice.Evaluation.Should().Be(EvaluationMode.Labels);
        choice.Read(Rows.Json("""{"text":"t","choices":["a","b"]}""")[0]).Candidates.Should().Equal("a", "b");
    }

    [Theory]
    [InlineData("""{"template":"{t}","label_word":{}}""", "*my.json: 'label_word' is not a setting of a task; did you mean 'label_words'?")]
    [InlineData("""{"label_words":{"0":"a","1":"b"}}""", "*my.json: 'template' is missing*")]
    [InlineData("""{"template":"{t}"}""", "*expected either 'label_words'*or 'target'*")]
    [InlineData("""{"template":"{t}","target":"{a}","label_words":{"0":"a","1":"b"}}""", "*expected either 'label_words'*or 'target'*")]
    [InlineData("""{"template":"{t}","label_words":["a","b"]}""", "*'label_words' is [\"a\",\"b\"], expected an object.")]
    [InlineData("""{"template":"{t}","label_words":{"0":"a"}}""", "*at least two are needed*")]
    [InlineData("""{"template":"{t","label_words":{"0":"a","1":"b"}}""", "*is not closed*")]
    [InlineData("""{"template":"{t}","target":"{a}","answer":"maybe"}""", "*'answer' is \"maybe\", expected text or number.")]
    [InlineData("""{"template":"{t}","label_words":{"0":"a","1":"b"},"splits":{"dev":["x"]}}""", "*'splits'*expected train, validation, test*")]
    [InlineData("""[1]""", "*it holds no JSON object.")]
    [InlineData("""{"template":""", "*my.json: *")]
    public void A_file_that_is_no_task_says_what_is_wrong(string json, string message) =>
        FluentActions.Invoking(() => TaskFile.Read(_folder.Write("my.json", json))).Should().Throw<TaskException>().WithMessage(message);

    [Fact]
    public void A_missing_file_says_so() =>
        FluentActions.Invoking(() => TaskFile.Read(_folder.File("no.json"))).Should().Throw<TaskException>()
            .WithMessage("*no.json: there is no such file.");
}

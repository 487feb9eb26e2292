using System.IO.Compression;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Submissions;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Data;

namespace ResidualPrompts.Tests.Submissions;

public sealed class SubmissionFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("boolq", """{"idx":5}""", "true", "{\"idx\":5,\"label\":\"true\"}\n")]
    [InlineData("copa", """{"idx":5}""", "true", "{\"idx\":5,\"label\":1}\n")]
    [InlineData("cb", """{"idx":5}""", "neutral", "{\"idx\":5,\"label\":\"neutral\"}\n")]
    [InlineData("wsc", """{"idx":5}""", "true", "{\"idx\":5,\"label\":\"True\"}\n")]
    [InlineData("wsc", """{"idx":5}""", null, "{\"idx\":5,\"label\":\"False\"}\n")]
    [InlineData("ax-b", """{"idx":"5"}""", "not_entailment", "{\"idx\":5,\"label\":\"not_entailment\"}\n")]
    [InlineData("record", """{"idx":{"passage":1,"query":8},"entities":[]}""", "Ann é", "{\"idx\":8,\"label\":\"Ann é\"}\n")]
    [InlineData("cola", """{"index":"9"}""", "acceptable", "index\tprediction\n9\t1\n")]
    [InlineData("qnli", """{"index":9}""", "not_entailment", "index\tprediction\n9\tnot_entailment\n")]
    [InlineData("qnli", """{"index":9,"idx":4}""", "entailment", "index\tprediction\n9\tentailment\n")]
    [InlineData("qnli", """{"idx":4}""", "entailment", "index\tprediction\n4\tentailment\n")]
    [InlineData("cola", """{"index":null,"idx":"4.0"}""", "acceptable", "index\tprediction\n4\t1\n")]
    [InlineData("ax", """{"idx":7}""", "contradiction", "index\tprediction\n7\tcontradiction\n")]
    [InlineData("mnli", """{}""", "neutral", "index\tprediction\n0\tneutral\n")]
    [InlineData("stsb", """{"index":9}""", "7.25", "index\tprediction\n9\t5.000\n")]
    [InlineData("stsb", """{"index":9}""", null, "index\tprediction\n9\t0.000\n")]
    public void A_prediction_stands_as_the_leaderboard_takes_it(string task, string row, string? predicted, string expected) =>
        SubmissionFile.Text(BuiltInTasks.Find(task), Rows.Json(row), [new Prediction(0, predicted, null)]).Should().Be(expected);

    [Fact]
    public void Answers_of_a_passage_stand_in_their_questions()
    {
        string Row(int paragraph, int question, int answer) =>
            $$"""{"paragraph":"p","question":"q","answer":"a","idx":{"paragraph":{{paragraph}},"question":{{question}},"answer":{{answer}} } }""";
        SubmissionFile.Text(BuiltInTasks.Find("multirc"), Rows.Json(Row(0, 0, 0), Row(0, 0, 1), Row(0, 1, 2), Row(1, 2, 3)),
            [.. new[] { "true", "false", "true", "false" }.Select((word, i) => new Prediction(i, word, null))])
            .Should().Be(
                """{"idx":0,"passage":{"questions":[{"idx":0,"answers":[{"idx":0,"label":1},{"idx":1,"label":0}]},{"idx":1,"answers":["""
                    + """{"idx":2,"label":1}]}]}}""" + "\n" +
                """{"idx":1,"passage":{"questions":[{"idx":2,"answers":[{"idx":3,"label":0}]}]}}""" + "\n");
    }

    [Fact]
    public void A_zip_grows_task_by_task_and_a_file_of_the_same_name_is_replaced()
    {
        var zip = _folder.File("all.zip");
        SubmissionZip.Put(zip, "CoLA.tsv", "1");
        SubmissionZip.Put(zip, "CB.jsonl", "2");
        SubmissionZip.Put(zip, "CoLA.tsv", "3").Should().BeEquivalentTo("CB.jsonl", "CoLA.tsv");
        using (var read = ZipFile.OpenRead(zip))
            read.Entries.Select(entry => (entry.FullName, new StreamReader(entry.Open()).ReadToEnd()))
                .Should().BeEquivalentTo([("CoLA.tsv", "3"), ("CB.jsonl", "2")]);
        Directory.EnumerateFiles(_folder.Path).Should().Equal(zip);
        FluentActions.Invoking(() => SubmissionZip.Put(_folder.Write("no.zip", "text"), "CoLA.tsv", "1")).Should().Throw<SubmissionException>()
            .WithMessage("*no.zip exists and is not a zip file*");
        using (new FileStream(zip, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            FluentActions.Invoking(() => SubmissionZip.Put(zip, "CoLA.tsv", "4")).Should().Throw<SubmissionException>()
                .WithMessage("*cannot be read: *");
        File.ReadAllText(_folder.File("no.zip")).Should().Be("text");
    }

    [Fact]
    public void A_task_without_leaderboard_says_so()
    {
        FluentActions.Invoking(() => SubmissionFormat.Of(BuiltInTasks.Find("subj"))).Should().Throw<TaskException>()
            .WithMessage("No leaderboard takes predictions of task subj*");
        FluentActions.Invoking(() => SubmissionFormat.Of(OriginalTasks.Find("cola"))).Should().Throw<TaskException>()
            .WithMessage("*without compat original.");
    }
}

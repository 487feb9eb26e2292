using System.Text.Json;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

public sealed class TasksTests : IDisposable
{
    private const string AllTasks =
        "cola sst2 mrpc qqp stsb mnli mnli_mismatched ax qnli rte wnli boolq cb copa multirc record rte_superglue wic wsc wsc_bool "
        + "ax-b ax-g ag_news dbpedia_14 yahoo_answers_topics yelp_review_full amazon imdb trec subj sst5 rotten-tomatoes";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_list_names_every_task_with_what_is_here()
    {
        var result = await InProcess.Run("tasks", "list");
        result.ExitCode.Should().Be(0, result.Error);
        foreach (var name in AllTasks.Split(' '))
            result.Lines.Should().Contain(line => line.Trim().StartsWith(name + " ", StringComparison.Ordinal));
        result.Lines.Should().Contain(line => line.Contains("train 400, validation 100, test 500"));
    }

    [Fact]
    public async Task Rows_are_shown_with_text_target_and_ids_with_and_without_labels()
    {
        var shown = await InProcess.Run("tasks", "show", "wsc", "--split", "train", "--rows", "4", "--model", "t5-nano");
        shown.Lines.Length.Should().Be(4);
        using var row = JsonDocument.Parse(shown.Lines[3]);
        row.RootElement.EnumerateObject().Select(property => property.Name).Should().Equal("index", "text", "target", "input_ids", "target_ids");
        row.RootElement.GetProperty("target").GetString().Should().Be("young gentleman");
        var original = await InProcess.Run("tasks", "show", "wsc", "--split", "train", "--rows", "1", "--compat", "original");
        using var first = JsonDocument.Parse(original.Lines.Single());
        (first.RootElement.GetProperty("index").GetInt32(), first.RootElement.GetProperty("target").GetString()).Should().Be((3, "young"));
        foreach (var task in new[] { "wsc", "wsc_bool", "copa" })
            (await InProcess.Run("tasks", "show", task, "--split", "test", "--rows", "3")).Lines.Should().HaveCount(3)
                .And.OnlyContain(line => line.Contains("\"target\":null"));
    }

    [Fact]
    public async Task A_file_is_the_split_that_it_is_said_to_be()
    {
        var file = _folder.Write("anything.tsv", "gj04\t1\t\tHe ran.\n");
        foreach (var split in new[] { "train", "validation", "test" })
            (await InProcess.Run("tasks", "show", "cola", "--data", file, "--split", split))
                .Lines.Should().Equal("""{"index":0,"text":"He ran.","target":"acceptable"}""");
    }

    [Fact]
    public async Task Predictions_are_scored_by_their_own_references_or_by_the_data()
    {
        var own = _folder.Write("own.jsonl", """{"prediction":"true","reference":"true","group":[1,2]}""" + "\n"
            + """{"prediction":"maybe","reference":"false","group":[1,2]}""" + "\n");
        (await InProcess.Run("tasks", "score", "multirc", "--predictions", own)).Output.Should().StartWith(
            """{"n":2,"invalid":1,"metrics":{"aggregate":0.3333333333333333,"f1a":0.6666666666666666,"em":0,"accuracy":0.5},"intervals":{"""
                + "\"aggregate\":{\"undefined\":\"only 2 rows, an interval needs 10\",\"n\":2,\"clusters\":2").And.EndWith("},\"undefined\":{}}\n");
        var data = _folder.Write("rows.jsonl", string.Join('\n', Enumerable.Range(0, 3)
            .Select(i => $$"""{"premise":"p","choice1":"a","choice2":"b","question":"cause","label":{{i % 2}}}""")));
        var bare = _folder.Write("bare.jsonl", string.Concat(Enumerable.Repeat("{\"prediction\":\"false\"}\n", 3)));
        (await InProcess.Run("tasks", "score", "copa", "--predictions", bare, "--data", data, "--split", "test"))
            .Output.Should().StartWith("""{"n":3,"invalid":0,"metrics":{"accuracy":0.6666""");
        var byIndex = _folder.Write("index.jsonl",
            "{\"index\":2,\"prediction\":\"true\"}\n{\"index\":1,\"prediction\":\"true\"}\n{\"index\":0,\"prediction\":\"true\"}\n");
        (await InProcess.Run("tasks", "score", "copa", "--predictions", byIndex, "--data", data, "--split", "test"))
            .Output.Should().StartWith("""{"n":3,"invalid":0,"metrics":{"accuracy":0.3333""");
        (await InProcess.Run("tasks", "score", "copa", "--predictions",
            _folder.Write("two.jsonl", "{\"prediction\":\"a\"}\n{\"prediction\":\"b\"}\n"), "--data", data))
            .ShouldBeRefused("*two.jsonl holds 2 predictions, expected 3: one for each row of the split.*");
        (await InProcess.Run("tasks", "score", "copa", "--predictions", bare)).ShouldBeRefused("*line 1: no 'reference'; give data and split*");
    }

    [Theory]
    [InlineData("boolq", """{"prediction":1,"reference":1}""", "\"accuracy\":1}", 0)]
    [InlineData("boolq", """{"prediction":1.0,"reference":1}""", "\"accuracy\":1}", 0)]
    [InlineData("boolq", """{"prediction":true,"reference":"True"}""", "\"accuracy\":1}", 0)]
    [InlineData("boolq", """{"prediction":0,"reference":"true"}""", "\"accuracy\":0}", 0)]
    [InlineData("boolq", """{"prediction":7,"reference":"true"}""", "\"accuracy\":0}", 1)]
    [InlineData("boolq", """{"prediction":"1","reference":"true"}""", "\"accuracy\":0}", 1)] // a text is what a model wrote
    [InlineData("wsc", """{"prediction":1,"reference":1}""", "\"accuracy\":1}", 0)]
    public async Task Numbers_as_predictions_are_read_as_references_are(string task, string line, string accuracy, int invalid) =>
        (await InProcess.Run("tasks", "score", task, "--predictions", _folder.Write("numbers.jsonl", line))).Output
            .Should().Contain(accuracy).And.Contain($"\"invalid\":{invalid}");

    [Fact]
    public async Task Scores_of_similarity_are_read_in_every_decimal_form() =>
        (await InProcess.Run("tasks", "score", "stsb", "--predictions", _folder.Write("scores.jsonl", string.Join(
            '\n', """{"prediction":"4.","reference":4}""", """{"prediction":".5","reference":0.5}""", """{"prediction":5e0,"reference":"5."}"""))))
            .Output.Should().StartWith("""{"n":3,"invalid":0,""").And.Contain("\"pearson\":1,");

    [Fact]
    public async Task Diagnostics_of_glue_are_submitted_by_a_run_of_mnli()
    {
        string[] words = ["entailment", "neutral", "contradiction"];
        var data = Directory.CreateDirectory(_folder.File("mnli")).FullName;
        File.WriteAllLines(Path.Combine(data, "train.jsonl"), Enumerable.Range(0, 24)
            .Select(i => $$"""{"premise":"p {{i}}","hypothesis":"h","label":{{i % 3}}}"""));
        var official = Directory.CreateDirectory(_folder.File("AX")).FullName;
        File.WriteAllText(Path.Combine(official, "diagnostic.tsv"), "index\tsentence1\tsentence2\n0\tp\th\n1\tp 2\th\n");
        var labelled = _folder.Write("ax.jsonl", string.Join('\n', Enumerable.Range(0, 6)
            .Select(i => $$"""{"idx":{{i + 10}},"premise":"p","hypothesis":"h","label":"{{words[i % 3]}}"}""")));
        (await InProcess.Run("train", "--task", "mnli", "--data", data, "--model", "t5-nano", "--save-dir", _folder.Path, "--save-name", "r",
            "--epochs", "1")).ExitCode.Should().Be(0);
        (await InProcess.Run("evaluate", _folder.File("r"), "--task", "ax", "--data", labelled, "--split", "test")).Output
            .Should().StartWith("""{"n":6,"invalid":0,"metrics":{"matthews":""");
        (await InProcess.Run("predict", _folder.File("r"), "--submission", _folder.File("all.zip"), "--task", "ax", "--data", official))
            .Error.Should().Contain("2 predictions in AX.tsv");
        (await InProcess.Run("predict", _folder.File("r"), "--submission", _folder.File("other.zip"), "--task", "ax", "--data", labelled))
            .ExitCode.Should().Be(0);
        using var zip = System.IO.Compression.ZipFile.OpenRead(_folder.File("other.zip"));
        using var lines = new StreamReader(zip.GetEntry("AX.tsv")!.Open());
        lines.ReadToEnd().Split('\n').Select(line => line.Split('\t')[0]).Should().Equal("index", "10", "11", "12", "13", "14", "15", "");
    }

    [Theory]
    [InlineData("boolq", "accuracy")]
    [InlineData("cb", "aggregate,accuracy,f1_macro")]
    [InlineData("cola", "matthews")]
    [InlineData("stsb", "aggregate,pearson,spearman")]
    [InlineData("record", "aggregate,em,f1")]
    [InlineData("wsc", "accuracy")]
    public async Task An_empty_file_of_predictions_has_no_values_but_a_reason(string task, string metrics)
    {
        var result = await InProcess.Run("tasks", "score", task, "--predictions", _folder.Write("empty.jsonl", ""));
        result.ExitCode.Should().Be(0);
        using var json = JsonDocument.Parse(result.Output);
        json.RootElement.GetProperty("n").GetInt32().Should().Be(0);
        json.RootElement.GetProperty("metrics").EnumerateObject().Select(metric => metric.Name).Should().Equal(metrics.Split(','));
        json.RootElement.GetProperty("metrics").EnumerateObject().Should().OnlyContain(metric => metric.Value.ValueKind == JsonValueKind.Null);
        json.RootElement.GetProperty("undefined").EnumerateObject().Should().OnlyContain(reason => reason.Value.GetString() == "no examples");
    }

    [Fact]
    public async Task Mistakes_are_told_apart()
    {
        (await InProcess.Run("tasks", "show", "cbb")).ShouldBeRefused("No task 'cbb'*Did you mean cb?*");
        (await InProcess.Run("tasks", "show", "amazon")).ShouldBeRefused("No data of task amazon is bundled: give --data*of Amazon reviews*");
        (await InProcess.Run("tasks", "show", "wnli", "--compat", "original")).ShouldBeRefused("The original cannot run task 'wnli'*");
        (await InProcess.Run("tasks", "show", "copa", "--rows", "0")).ShouldBeRefused("--rows is 0, expected at least 1.*");
        (await InProcess.Run("tasks", "show", "cb", "--data", _folder.Write("rows.jsonl", """{"premise":"p"}""")))
            .ShouldBeRefused("*rows.jsonl, line 1: no field 'hypothesis'*");
    }

    [Fact]
    public async Task Rows_with_candidates_of_their_own_are_trained_scored_and_predicted()
    {
        string Row(int i) => $$"""{"passage":"Ann met Bob in Rome.","query":"@placeholder met Bob """
            + $$"""({{i}})","entities":["Ann","Bob","Rome"],"answers":["Ann"],"idx":{"passage":0,"query":{{i}} } }""";
        var data = Directory.CreateDirectory(_folder.File("record")).FullName;
        foreach (var (name, count) in new[] { ("train", 8), ("validation", 3), ("test", 2) })
            File.WriteAllLines(Path.Combine(data, name + ".jsonl"), Enumerable.Range(0, count).Select(Row));
        var trained = await InProcess.Run("train", "--task", "record", "--data", data, "--model", "t5-nano", "--save-dir", _folder.Path,
            "--save-name", "r", "--epochs", "1", "--test");
        trained.ExitCode.Should().Be(0, trained.Error);
        trained.Output.Should().MatchRegex(@"validation +aggregate \d+\.\d %  em \d+\.\d %  f1 \d+\.\d %  \(3 examples, 0 invalid\)");
        var predictions = _folder.File("r", "predictions", "validation.jsonl");
        File.ReadLines(predictions).Should().HaveCount(3).And.OnlyContain(line => line.Contains("\"reference\":\"Ann\""));
        (await InProcess.Run("tasks", "score", "record", "--predictions", predictions))
            .Output.Should().Be((await InProcess.Run("evaluate", _folder.File("r"))).Output);
        var submitted = await InProcess.Run("predict", _folder.File("r"), "--submission", _folder.File("all.zip"));
        submitted.Error.Should().Contain("2 predictions in ReCoRD.jsonl of");
    }

    [Fact]
    public async Task A_prompt_is_evaluated_on_another_task_of_the_same_words()
    {
        string[] words = ["entailment", "not_entailment"];
        var data = Directory.CreateDirectory(_folder.File("rte")).FullName;
        File.WriteAllLines(Path.Combine(data, "train.jsonl"), Enumerable.Range(0, 20)
            .Select(i => $$"""{"premise":"p {{i}}","hypothesis":"h","label":"{{words[i % 2]}}"}"""));
        var diagnostics = _folder.Write("ax.jsonl", string.Join('\n', Enumerable.Range(0, 4)
            .Select(i => $$"""{"idx":"{{i}}","sentence1":"p","sentence2":"h","label":"{{words[i % 2]}}"}""")));
        (await InProcess.Run("train", "--task", "rte_superglue", "--data", data, "--model", "t5-nano", "--save-dir", _folder.Path, "--save-name", "r",
            "--epochs", "1")).ExitCode.Should().Be(0);
        (await InProcess.Run("evaluate", _folder.File("r"), "--task", "ax-b", "--data", diagnostics, "--split", "test"))
            .Output.Should().StartWith("""{"n":4,"invalid":0,"metrics":{"matthews":0},"intervals":{"matthews":{"undefined":""")
            .And.EndWith("},\"undefined\":{}}\n");
        (await InProcess.Run("predict", _folder.File("r"), "--submission", _folder.File("all.zip"), "--task", "ax-b", "--data", diagnostics))
            .Error.Should().Contain("4 predictions in AX-b.jsonl");
        (await InProcess.Run("evaluate", _folder.File("r"), "--task", "copa"))
            .ShouldBeRefused("*has learned to write entailment, not_entailment, but the labels of task copa are false, true.*");
    }

    [Fact]
    public async Task The_originals_definition_trains_and_scores_as_the_original_does()
    {
        var trained = await InProcess.Run("train", "--task", "wsc", "--compat", "original", "--select_k_per_class", "4", "--model", "t5-nano",
            "--save-dir", _folder.Path, "--save-name", "o", "--num_epochs", "1");
        trained.ExitCode.Should().Be(0, trained.Error);
        trained.Output.Should().Contain("(38 examples, 0 invalid)"); // it passes over rows whose pronoun refers to something else
        (await InProcess.Run("predict", _folder.File("o"), "--submission", _folder.File("all.zip"))).ShouldBeRefused("*compat*original*");
    }
}

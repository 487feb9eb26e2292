using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tests.Data;

namespace ResidualPrompts.Tests.Tasks;

public sealed class TaskDefinitionTests
{
    [Theory]
    [InlineData("""{"sentence":"s","label":"1.0"}""", "positive")]
    [InlineData("""{"sentence":"s","label":1.0}""", "positive")]
    [InlineData("""{"sentence":"s","label":"-1.0"}""", null)]
    public void A_label_with_a_zero_fraction_is_the_whole_number(string row, string? word) =>
        BuiltInTasks.Find("sst2").ClassOf(Rows.Json(row).Single()).Should().Be(word);

    [Theory]
    [InlineData("4.", 4.0)]
    [InlineData(".5", 0.5)]
    [InlineData("5e0", 5.0)]
    [InlineData("+3.8E-1", 0.38)]
    [InlineData(" 2.4\n", 2.4)]
    [InlineData(".", null)]
    [InlineData("e5", null)]
    [InlineData("1e400", null)]
    [InlineData("1,000", null)]
    [InlineData("nan", null)]
    [InlineData("inf", null)]
    [InlineData("0x1", null)]
    [InlineData("3 4", null)]
    public void A_score_of_similarity_takes_every_finite_decimal_form(string text, double? score) => SimilarityScore.Parse(text).Should().Be(score);

    private static readonly TaskDefinition Stars = new()
    {
        Name = "reviews",
        Template = Template.Parse("review: {body}"),
        Labels = LabelWords.Parse("1=bad,5=very good"),
        LabelField = "stars",
    };

    [Fact]
    public void A_row_becomes_text_target_and_label()
    {
        var expected = new TaskExample(0, "review: fine", "very good", 1, "very good");
        foreach (var row in (Example[])[Rows.Json("""{"body":"fine ","stars":5}""")[0], Rows.Json("""{"body":"fine","stars":"5"}""")[0],
            Rows.Csv("stars,body\n5,fine\n")[0]])
        {
            Stars.Read(row).Should().Be(expected with { Cuttable = 8..12 });
            Stars.ReadLabelled(row).Should().Be(Stars.Read(row));
            Stars.ClassOf(row).Should().Be("very good");
        }
    }

    [Theory]
    [InlineData("""{"body":"fine"}""", "*line 1: no field 'stars'; the row has 'body'")]
    [InlineData("""{"body":"fine","stars":null}""", "*line 1: 'stars' is null*")]
    [InlineData("""{"body":"fine","stars":""}""", "*line 1: 'stars' is '', which is not a label; expected '1', '5'")]
    [InlineData("""{"body":"fine","stars":-1}""", "*line 1: 'stars' is '-1', which is not a label; expected '1', '5'")]
    public void A_row_without_label_can_be_predicted_but_not_scored(string json, string message)
    {
        var row = Rows.Json(json)[0];
        Stars.Read(row).Should().Be(new TaskExample(0, "review: fine", null, null, null) { Cuttable = 8..12 });
        FluentActions.Invoking(() => Stars.ReadLabelled(row)).Should().Throw<DataException>().WithMessage(message);
    }

    [Fact]
    public void An_unknown_label_names_row_value_and_the_known_ones()
    {
        var row = Rows.Json("{\"body\":\"a\",\"stars\":1}", "{\"body\":\"b\",\"stars\":\"five\"}")[1];
        FluentActions.Invoking(() => Stars.Read(row)).Should().Throw<DataException>()
            .WithMessage("file, line 2: 'stars' is 'five', which is not a label of task reviews; expected '1', '5'");
    }

    [Theory]
    [InlineData("very good", "very good")]
    [InlineData(" bad\n", "bad")]
    [InlineData("Bad", null)]
    [InlineData("very", null)]
    [InlineData("", null)]
    public void An_answer_is_a_label_word_or_invalid(string generated, string? expected) =>
        Stars.Judge(new TaskExample(0, "t", "bad", 0, "bad"), generated).Should().Be(expected);

    [Fact]
    public void An_open_task_without_labels_is_a_text_and_a_function()
    {
        var task = new TaskDefinition
        {
            Name = "score",
            Template = Template.Parse("{a}"),
            OpenTarget = row =>
            row.Value("score"),
            Evaluation = EvaluationMode.Generate
        };
        var row = Rows.Json("""{"a":"x","score":3.8,"label":7}""")[0];
        task.ReadLabelled(row).Should().Be(new TaskExample(0, "x", "3.8", null, "3.8") { Cuttable = ..1 });
        task.LabelWords.Should().BeNull();
        task.ClassOf(row).Should().BeNull();
    }

    [Fact]
    public void An_unknown_task_names_the_known_ones_and_the_nearest()
    {
        FluentActions.Invoking(() => BuiltInTasks.Find("rotten_tomatos")).Should().Throw<TaskException>()
            .WithMessage("No task 'rotten_tomatos': expected the file of a task, as name.json, or one of ag_news, * Did you mean rotten-tomatoes?");
        FluentActions.Invoking(() => BuiltInTasks.Find("translation")).Should().Throw<TaskException>()
            .WithMessage("No task 'translation': * yelp_review_full.");
    }

    [Theory]
    [InlineData("rotten-tomatoes", "lovingly photographed*largely without stickiness .", "positive")]
    [InlineData("subj", "a hushed contemplation*speechless .", "review")]
    public void Sentences_stand_alone(string name, string text, string label)
    {
        var task = BuiltInTasks.Find(name);
        var row = DataSource.Open(BundledDataSets.Locate(task.DataSet!)).Read(DataSplit.Test)[0];
        task.ReadLabelled(row).Text.Should().Match(text);
        task.ReadLabelled(row).TargetText.Should().Be(label);
    }

    [Fact]
    public void Every_bundled_row_can_be_read_and_labels_are_where_they_should_be()
    {
        foreach (var task in BuiltInTasks.All.Where(task => task.DataSet is not null))
        {
            var splits = DataSource.Open(BundledDataSets.Locate(task.DataSet!), task.Layout).Load(new SplitOptions(), task.ClassOf, task.Trains);
            splits.Train.Concat(splits.Validation!).Select(task.ReadLabelled)
                .Should().OnlyContain(row => row.Text.Length > 0 && row.TargetText!.Length > 0 && row.LabelIndex < task.Labels!.Count);
            splits.Test!.Select(task.Read).All(row => row.Reference is null).Should().Be(task.Name is "wsc" or "wsc_bool" or "copa");
        }
    }
}

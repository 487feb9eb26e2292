using ResidualPrompts.Catalog;
using ResidualPrompts.Hub;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tests.Data;

namespace ResidualPrompts.Tests.Tasks;

/// <summary>Tasks name their data sets on the hub, and rows with the columns that these have give the right text and label.</summary>
public sealed class HubRowsTests
{
    [Theory]
    [InlineData("cola", """{"sentence":"s","label":1,"idx":0}""", "s", "acceptable")]
    [InlineData("sst2", """{"sentence":"s","label":0,"idx":0}""", "s", "negative")]
    [InlineData("mrpc", """{"sentence1":"a","sentence2":"b","label":1,"idx":0}""", "sentence1: a sentence2: b", "equivalent")]
    [InlineData("qqp", """{"question1":"a","question2":"b","label":0,"idx":0}""", "question1: a question2: b", "not_duplicate")]
    [InlineData("stsb", """{"sentence1":"a","sentence2":"b","label":3.8,"idx":0}""", "sentence1: a sentence2: b", "3.8")]
    [InlineData("mnli", """{"premise":"a","hypothesis":"b","label":1,"idx":0}""", "premise: a hypothesis: b", "neutral")]
    [InlineData("mnli_mismatched", """{"premise":"a","hypothesis":"b","label":2,"idx":0}""", "premise: a hypothesis: b", "contradiction")]
    [InlineData("qnli", """{"question":"a","sentence":"b","label":1,"idx":0}""", "text1: a text2: b", "not_entailment")]
    [InlineData("rte", """{"sentence1":"a","sentence2":"b","label":0,"idx":0}""", "sentence1: a sentence2: b", "entailment")]
    [InlineData("wnli", """{"sentence1":"a","sentence2":"b","label":0,"idx":0}""", "sentence1: a sentence2: b", "not_entailment")]
    [InlineData("boolq", """{"question":"q","passage":"p","idx":0,"label":1}""", "passage: p question: q", "true")]
    [InlineData("cb", """{"premise":"a","hypothesis":"b","idx":0,"label":2}""", "premise: a hypothesis: b", "neutral")]
    [InlineData("copa", """{"premise":"p","choice1":"a","choice2":"b","question":"cause","idx":0,"label":1}""",
        "choice1: a choice2: b premise: p question: cause", "true")]
    [InlineData("multirc", """{"paragraph":"p","question":"q","answer":"a","idx":{"paragraph":0,"question":0,"answer":0},"label":0}""",
        "question: q answer: a paragraph: p", "false")]
    [InlineData("record", """{"passage":"p","query":"@placeholder","entities":["A","B"],"entity_spans":{"text":["A"],"start":[0],"end":["""
        + """1]},"answers":["B"],"idx":{"passage":0,"query":0}}""", "passage : p query: @placeholder entities: A; B", "B")]
    [InlineData("rte_superglue", """{"premise":"a","hypothesis":"b","idx":0,"label":1}""", "premise: a hypothesis: b", "not_entailment")]
    [InlineData("wic", """{"word":"w","sentence1":"a","sentence2":"b","start1":0,"start2":1,"end1":2,"end2":3,"idx":0,"label":1}""",
        "start1: 0 end1: 2 sentence1: a start2: 1 end2: 3 sentence2: b word: w", "true")]
    [InlineData("wsc", """{"text":"Mark saw him","span1_index":0,"span2_index":2,"span1_text":"Mark","span2_text":"him","idx":0,"label":0}""",
        "Mark saw *him*", "false")]
    [InlineData("wsc_bool", """{"text":"t","span1_index":0,"span2_index":1,"span1_text":"a","span2_text":"b","idx":0,"label":1}""",
        "span1_text: a span1_index: 0 span2_text: b span2_index: 1 text: t", "true")]
    [InlineData("ax-b", """{"sentence1":"a","sentence2":"b","idx":0,"label":0}""", "sentence1: a sentence2: b", "entailment")]
    [InlineData("ax-g", """{"premise":"a","hypothesis":"b","idx":0,"label":1}""", "premise: a hypothesis: b", "not_entailment")]
    [InlineData("ag_news", """{"text":"s","label":3}""", "s", "science")]
    [InlineData("dbpedia_14", """{"label":0,"title":"t","content":"c"}""", "title: t content: c", "company")]
    [InlineData("imdb", """{"text":"s","label":1}""", "s", "positive")]
    [InlineData("rotten-tomatoes", """{"text":"s","label":0}""", "s", "negative")]
    [InlineData("sst5", """{"text":"s","label":4,"label_text":"very positive"}""", "s", "great")]
    [InlineData("subj", """{"text":"s","label":1,"label_text":"subjective"}""", "s", "review")]
    [InlineData("subj", """{"text":"s","label":0,"label_text":"objective"}""", "s", "story")]
    [InlineData("trec", """{"text":"s","label":26,"label_text":"manner of """
        + """action","label_original":"manner","label_coarse":0,"label_coarse_text":"description","label_coarse_original":"DESC"}""", "s",
        "description")]
    [InlineData("trec", """{"text":"s","label":1,"label_text":"x","label_original":"x","label_coarse":"""
        + """4,"label_coarse_text":"x","label_coarse_original":"NUM"}""", "s", "number")]
    [InlineData("yahoo_answers_topics", """{"id":0,"topic":9,"question_title":"t","question_content":"q","best_answer":"a"}""",
        "question_content: q best_answer: a", "politics and government")]
    [InlineData("yelp_review_full", """{"label":4,"text":"s"}""", "s", "wonderful")]
    public void A_row_of_the_hub_has_the_text_and_the_label_of_its_task(string name, string row, string text, string label)
    {
        var task = BuiltInTasks.Find(name);

        var read = task.ReadLabelled(task.Layout.Apply(Rows.Json(row)).Single());

        (read.Text, read.Reference).Should().Be((text, label));
        HubDataSetName.TryParse(task.HubDataSet!).Should().NotBeNull();
    }

    [Fact]
    public void Every_task_names_its_data_on_the_hub_but_one_whose_files_are_not_there() =>
        BuiltInTasks.All.Where(task => task.HubDataSet is null).Select(task => task.Name).Should().Equal("amazon");

    [Fact]
    public void A_name_of_a_label_that_is_none_is_an_error()
    {
        var task = BuiltInTasks.Find("subj");
        FluentActions.Invoking(() => task.Layout.Apply(Rows.Json("""{"text":"s","label":1,"label_text":"funny"}""")).Single())
            .Should().Throw<InputException>().WithMessage("*'label_text' is 'funny', expected 'subjective', 'objective'");
    }

    [Theory]
    [InlineData("copa", "copa")] // bundled data goes before the hub's
    [InlineData("boolq", "aps/super_glue:boolq")]
    [InlineData("amazon", null)]
    public void Without_data_a_task_means_what_is_bundled_or_else_the_hubs(string task, string? expected)
    {
        DataCatalog.NameOf(BuiltInTasks.Find(task)).Should().Be(expected);
        DataCatalog.NameOf(null, task).Should().Be(expected);
        DataCatalog.NameOf("mine", task).Should().Be("mine");
    }
}

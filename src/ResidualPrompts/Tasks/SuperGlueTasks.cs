using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>The tasks of SuperGLUE (Wang et al. 2019) in its official files and in those of the hub's <c>aps/super_glue</c>.</summary>
internal static class SuperGlueTasks
{
    private static readonly LabelWords FalseAndTrue = LabelWords.Of("false", "true");
    private static readonly LabelWords Entailment = LabelWords.Of("entailment", "not_entailment");

    // In official files the spans of a row are in a nested object.
    private static readonly DataLayout Spans = new()
    {
        Fields = new Dictionary<string, string[]>
        {
            ["span1_text"] = ["target.span1_text"],
            ["span1_index"] = ["target.span1_index"],
            ["span2_text"] = ["target.span2_text"],
            ["span2_index"] = ["target.span2_index"],
        },
    };

    internal static IReadOnlyList<TaskDefinition> All { get; } =
    [
        // Whether a passage answers a question with yes.
        new()
        {
            Name = "boolq",
            Source = "SuperGLUE BoolQ",
            HubDataSet = "aps/super_glue:boolq",
            Template = Template.Parse("passage: {passage} question: {question}"),
            CutField = "passage",
            ClusterFields = ["passage"],
            Labels = FalseAndTrue,
            Layout = new()
            {
                Fields = new Dictionary<string, string[]> { ["label"] = ["answer"] },
                SplitNames = new Dictionary<DataSplit, string[]> { [DataSplit.Train] = ["train", "boolq_train"] },
            },
        },
        new()
        {
            Name = "cb",
            Source = "SuperGLUE CB",
            HubDataSet = "aps/super_glue:cb",
            Template = Template.Parse("premise: {premise} hypothesis: {hypothesis}"),
            CutField = "premise",
            ClusterFields = ["premise"],
            Labels = LabelWords.Of("entailment", "contradiction", "neutral"),
            Metrics = ["accuracy", "f1_macro"],
            Aggregate = ["accuracy", "f1_macro"],
        },
        // Which of two sentences is the cause or the effect of another: false = the first, true = the second.
        new()
        {
            Name = "copa",
            Source = "SuperGLUE COPA",
            HubDataSet = "aps/super_glue:copa",
            DataSet = "copa",
            Template = Template.Parse("choice1: {choice1} choice2: {choice2} premise: {premise} question: {question}"),
            CutField = "premise",
            Labels = FalseAndTrue,
        },
        // Whether an answer to a question about a paragraph is right; a question has several answers.
        new()
        {
            Name = "multirc",
            Source = "SuperGLUE MultiRC",
            HubDataSet = "aps/super_glue:multirc",
            Template = Template.Parse("question: {question} answer: {answer} paragraph: {paragraph}"),
            CutField = "paragraph",
            ClusterFields = ["idx.paragraph"],
            Labels = FalseAndTrue,
            GroupFields = ["idx.paragraph", "idx.question"],
            Metrics = ["f1a", "em", "accuracy"],
            Aggregate = ["f1a", "em"],
            Layout = new() { Rows = HubRows.MultiRC, Renumbers = true },
        },
        // Which entity of a passage fills the gap of a query; often several of its names are right.
        new()
        {
            Name = "record",
            Source = "SuperGLUE ReCoRD",
            HubDataSet = "aps/super_glue:record",
            Template = Template.Parse("passage : {passage} query: {query} entities: {entities}"),
            ClusterFields = ["passage"],
            CutField = "passage",
            OpenTarget = row => row.Has("answers") ? string.Join(Template.ListSeparator, row.Texts("answers")) : null,
            Answers = row => row.Has("answers") ? row.Texts("answers") : null,
            Candidates = row => row.Texts("entities"),
            AnswerRule = AnswerRule.Text,
            Metrics = ["em", "f1"],
            Aggregate = ["em", "f1"],
            Layout = new() { Rows = HubRows.Record, Renumbers = true },
        },
        new()
        {
            Name = "rte_superglue",
            Source = "SuperGLUE RTE",
            HubDataSet = "aps/super_glue:rte",
            Template = Template.Parse("premise: {premise} hypothesis: {hypothesis}"),
            CutField = "premise",
            ClusterFields = ["premise"],
            Labels = Entailment,
        },
        // Whether a word means the same in two sentences.
        new()
        {
            Name = "wic",
            Source = "SuperGLUE WiC",
            HubDataSet = "aps/super_glue:wic",
            Template = Template.Parse(
                "start1: {start1} end1: {end1} sentence1: {sentence1} start2: {start2} end2: {end2} sentence2: {sentence2} word: {word}"),
            Labels = FalseAndTrue,
        },
        // Whether a pronoun refers to a span. T5 learns to write the referent, so only true rows can train.
        new()
        {
            Name = "wsc",
            Source = "SuperGLUE WSC",
            HubDataSet = "aps/super_glue:wsc",
            DataSet = "wsc",
            Text = WinogradSchema.MarkPronoun,
            OpenTarget = WinogradSchema.Referent,
            ClusterFields = ["text"],
            Labels = FalseAndTrue,
            AnswerRule = AnswerRule.Referent,
            Evaluation = EvaluationMode.Generate,
            TrainingLabel = "true",
            Layout = Spans,
        },
        // The same data as a plain true-or-false question.
        new()
        {
            Name = "wsc_bool",
            Source = "SuperGLUE WSC",
            HubDataSet = "aps/super_glue:wsc",
            DataSet = "wsc",
            Template = Template.Parse(
                "span1_text: {span1_text} span1_index: {span1_index} span2_text: {span2_text} span2_index: {span2_index} text: {text}"),
            CutField = "text",
            ClusterFields = ["text"],
            Labels = FalseAndTrue,
            Layout = Spans,
        },
        // Diagnostics have only a test split, for a prompt that was trained on rte_superglue.
        new()
        {
            Name = "ax-b",
            Source = "SuperGLUE AX-b",
            HubDataSet = "aps/super_glue:axb",
            Template = Template.Parse("sentence1: {sentence1} sentence2: {sentence2}"),
            CutField = "sentence1",
            Labels = Entailment,
            Metrics = ["matthews"],
            Layout = new() { SplitNames = new Dictionary<DataSplit, string[]> { [DataSplit.Test] = ["test", "AX-b"] } },
        },
        new()
        {
            Name = "ax-g",
            Source = "SuperGLUE AX-g",
            HubDataSet = "aps/super_glue:axg",
            Template = Template.Parse("premise: {premise} hypothesis: {hypothesis}"),
            CutField = "premise",
            ClusterFields = ["pair"],
            Labels = Entailment,
            GroupFields = ["pair"],
            Metrics = ["accuracy", "gender_parity"],
            Layout = new()
            {
                SplitNames = new Dictionary<DataSplit, string[]> { [DataSplit.Test] = ["test", "AX-g"] }, Rows = HubRows.NeighboursAsPairs
            },
        },
    ];
}

using ResidualPrompts.Data;

namespace ResidualPrompts.Tasks;

/// <summary>The tasks of GLUE (Wang et al. 2018) in its official files and in those of the hub.</summary>
internal static class GlueTasks
{
    private static readonly TaskDefinition Mnli = new()
    {
        Name = "mnli",
        Source = "GLUE MNLI, matched",
        HubDataSet = "nyu-mll/glue:mnli",
        Template = Template.Parse("premise: {premise} hypothesis: {hypothesis}"),
        CutField = "premise",
        Labels = LabelWords.Of("entailment", "neutral", "contradiction"),
        Layout = new() { Fields = MnliFields, SplitNames = MnliFiles("matched") },
    };

    internal static IReadOnlyList<TaskDefinition> All { get; } =
    [
        // Whether a sentence is grammatical.
        new()
        {
            Name = "cola",
            Source = "GLUE CoLA",
            HubDataSet = "nyu-mll/glue:cola",
            Template = Template.Parse("{sentence}"),
            Labels = LabelWords.Of("not_acceptable", "acceptable"),
            Metrics = ["matthews"],
            Layout = new() { Columns = ["source", "label", "mark", "sentence"] },
        },
        new()
        {
            Name = "sst2",
            Source = "GLUE SST-2",
            HubDataSet = "nyu-mll/glue:sst2",
            Template = Template.Parse("{sentence}"),
            Labels = LabelWords.Of("negative", "positive"),
        },
        new()
        {
            Name = "mrpc",
            Source = "GLUE MRPC",
            HubDataSet = "nyu-mll/glue:mrpc",
            Template = Template.Parse("sentence1: {sentence1} sentence2: {sentence2}"),
            Labels = LabelWords.Of("not_equivalent", "equivalent"),
            Metrics = ["accuracy", "f1"],
            Aggregate = ["accuracy", "f1"],
            Layout = new()
            {
                Fields = new Dictionary<string, string[]>
                    { ["sentence1"] = ["#1 String"], ["sentence2"] = ["#2 String"], ["label"] = ["Quality"] }
            },
        },
        new()
        {
            Name = "qqp",
            Source = "GLUE QQP",
            HubDataSet = "nyu-mll/glue:qqp",
            Template = Template.Parse("question1: {question1} question2: {question2}"),
            Labels = LabelWords.Of("not_duplicate", "duplicate"),
            Metrics = ["accuracy", "f1"],
            Aggregate = ["accuracy", "f1"],
            Layout = new() { Fields = new Dictionary<string, string[]> { ["label"] = ["is_duplicate"] } },
        },
        // How similar two sentences are in meaning, 0 to 5; T5 writes the number.
        new()
        {
            Name = "stsb",
            Source = "GLUE STS-B",
            HubDataSet = "nyu-mll/glue:stsb",
            Template = Template.Parse("sentence1: {sentence1} sentence2: {sentence2}"),
            OpenTarget = SimilarityScore.Rounded,
            Answers = SimilarityScore.Raw,
            AnswerRule = AnswerRule.Number,
            Evaluation = EvaluationMode.Generate,
            Metrics = ["pearson", "spearman"],
            Aggregate = ["pearson", "spearman"],
            Layout = new() { Fields = new Dictionary<string, string[]> { ["similarity_score"] = ["score", "label"] } },
        },
        Mnli,
        Mnli with { Name = "mnli_mismatched", Source = "GLUE MNLI, mismatched", Layout = Mnli.Layout with { SplitNames = MnliFiles("mismatched") } },
        // Diagnostics have only a test split, for a prompt that was trained on mnli.
        Mnli with
        {
            Name = "ax",
            Source = "GLUE diagnostics",
            HubDataSet = "nyu-mll/glue:ax",
            Metrics = ["matthews"],
            Layout = new()
            {
                Fields = new Dictionary<string, string[]>
                {
                    ["premise"] = ["sentence1", "Premise"], ["hypothesis"] = ["sentence2", "Hypothesis"], ["label"] = ["gold_label", "Label"],
                },
                SplitNames = new Dictionary<DataSplit, string[]> { [DataSplit.Test] = ["test", "diagnostic", "diagnostic-full", "AX"] },
            },
        },
        // Whether a sentence answers a question.
        new()
        {
            Name = "qnli",
            Source = "GLUE QNLI",
            HubDataSet = "nyu-mll/glue:qnli",
            Template = Template.Parse("text1: {text1} text2: {text2}"),
            CutField = "text2",
            Labels = LabelWords.Of("entailment", "not_entailment"),
            Layout = new() { Fields = new Dictionary<string, string[]> { ["text1"] = ["question"], ["text2"] = ["sentence"] } },
        },
        new()
        {
            Name = "rte",
            Source = "GLUE RTE",
            HubDataSet = "nyu-mll/glue:rte",
            Template = Template.Parse("sentence1: {sentence1} sentence2: {sentence2}"),
            CutField = "sentence1",
            ClusterFields = ["sentence1"],
            Labels = LabelWords.Of("entailment", "not_entailment"),
        },
        new()
        {
            Name = "wnli",
            Source = "GLUE WNLI",
            HubDataSet = "nyu-mll/glue:wnli",
            Template = Template.Parse("sentence1: {sentence1} sentence2: {sentence2}"),
            CutField = "sentence1",
            ClusterFields = ["sentence1"],
            Labels = LabelWords.Of("not_entailment", "entailment"),
        },
    ];

    private static Dictionary<string, string[]> MnliFields =>
        new() { ["premise"] = ["sentence1"], ["hypothesis"] = ["sentence2"], ["label"] = ["gold_label"] };

    private static Dictionary<DataSplit, string[]> MnliFiles(string kind) => new()
    {
        [DataSplit.Validation] = [$"validation_{kind}", $"dev_{kind}", .. kind == "matched" ? ["validation", "val", "dev"] : Array.Empty<string>()],
        [DataSplit.Test] = [$"test_{kind}", .. kind == "matched" ? ["test"] : Array.Empty<string>()],
    };
}

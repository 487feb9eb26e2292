using ResidualPrompts.Tasks;

namespace ResidualPrompts.Submissions;

/// <summary>The format of a task's predictions on the GLUE and SuperGLUE leaderboards.</summary>
/// <param name="FileName">The file within the zip.</param>
/// <param name="Labels">The leaderboard's name of each label, in label order; null when the answer itself is written.</param>
/// <param name="AreNumbers">Whether labels are JSON numbers, not strings.</param>
internal sealed record SubmissionFormat(string FileName, IReadOnlyList<string>? Labels, bool AreNumbers = false)
{
    private static readonly string[] Numbers = ["0", "1"];
    private static readonly string[] Entailment = ["entailment", "not_entailment"];
    private static readonly string[] ThreeWay = ["entailment", "neutral", "contradiction"];

    // Names and labels as the evaluation servers require (gluebenchmark.com and super.gluebenchmark.com, FAQ).
    private static readonly Dictionary<string, SubmissionFormat> ByTask = new()
    {
        ["cola"] = new("CoLA.tsv", Numbers),
        ["sst2"] = new("SST-2.tsv", Numbers),
        ["mrpc"] = new("MRPC.tsv", Numbers),
        ["qqp"] = new("QQP.tsv", Numbers),
        ["stsb"] = new("STS-B.tsv", null),
        ["mnli"] = new("MNLI-m.tsv", ThreeWay),
        ["mnli_mismatched"] = new("MNLI-mm.tsv", ThreeWay),
        ["ax"] = new("AX.tsv", ThreeWay),
        ["qnli"] = new("QNLI.tsv", Entailment),
        ["rte"] = new("RTE.tsv", Entailment),
        ["wnli"] = new("WNLI.tsv", Numbers),
        ["boolq"] = new("BoolQ.jsonl", ["false", "true"]),
        ["cb"] = new("CB.jsonl", ["entailment", "contradiction", "neutral"]),
        ["copa"] = new("COPA.jsonl", Numbers, AreNumbers: true),
        ["multirc"] = new("MultiRC.jsonl", Numbers, AreNumbers: true),
        ["record"] = new("ReCoRD.jsonl", null),
        ["rte_superglue"] = new("RTE.jsonl", Entailment),
        ["wic"] = new("WiC.jsonl", ["false", "true"]),
        ["wsc"] = new("WSC.jsonl", ["False", "True"]),
        ["wsc_bool"] = new("WSC.jsonl", ["False", "True"]),
        ["ax-b"] = new("AX-b.jsonl", Entailment),
        ["ax-g"] = new("AX-g.jsonl", Entailment),
    };

    /// <summary>The files of the whole submission that this file belongs to. GLUE's are tables, SuperGLUE's JSON Lines.</summary>
    internal IReadOnlyList<string> WholeSubmission =>
        [.. ByTask.Values.Select(format => format.FileName).Where(name => Path.GetExtension(name) == Path.GetExtension(FileName)).Distinct()];

    /// <summary>The format of a task.</summary>
    /// <exception cref="TaskException">No leaderboard accepts the task.</exception>
    internal static SubmissionFormat Of(TaskDefinition task) => task.MaxTargetTokens is null && ByTask.TryGetValue(task.Name, out var format)
        ? format
        : throw TaskException.NoLeaderboard(task.Name, ByTask.Keys.Order(StringComparer.Ordinal));
}

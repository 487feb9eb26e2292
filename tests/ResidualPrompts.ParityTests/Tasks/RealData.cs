namespace ResidualPrompts.ParityTests.Tasks;

/// <summary>Where the rows of each task's golden file are in a folder of real data: those that train, and those that are evaluated.</summary>
internal static class RealData
{
    internal static IReadOnlyList<(string Task, string? Train, string? Evaluated)> Files { get; } =
    [
        ("ag_news", "classification/agnews_train/dev.csv", "classification/agnews_train/test.csv"),
        ("amazon", "classification/sst5/train_full.jsonl", "classification/sst5/test.jsonl"),
        ("boolq", "superglue/BoolQ-train1000/boolq_train.jsonl", "superglue/BoolQ/val.jsonl"),
        ("cb", "superglue/CB/train.jsonl", "superglue/CB/val.jsonl"),
        ("cola", "glue/CoLA/train.tsv", "glue/CoLA/dev.tsv"),
        ("copa", "superglue/COPA/train.jsonl", "superglue/COPA/val.jsonl"),
        ("imdb", "classification/mr/train_full.jsonl", "classification/mr/test.jsonl"),
        ("mrpc", "glue/MRPC/train.tsv", "glue/MRPC/dev.tsv"),
        ("multirc", "superglue/MultiRC/train.jsonl", "superglue/MultiRC/val.jsonl"),
        ("qnli", null, "glue/QNLI/dev.tsv"),
        ("record", "fewglue32/ReCoRD/train.jsonl", "fewglue32/ReCoRD/dev32.jsonl"),
        ("rte", "glue/RTE/train.tsv", "glue/RTE/dev.tsv"),
        ("rte_superglue", "superglue/RTE/train.jsonl", "superglue/RTE/val.jsonl"),
        ("sst2", "glue/SST-2/train.tsv", "glue/SST-2/dev.tsv"),
        ("stsb", "glue/STS-B/train.tsv", "glue/STS-B/dev.tsv"),
        ("wic", "superglue/WiC/train.jsonl", "superglue/WiC/val.jsonl"),
        ("wnli", "glue/WNLI/train.tsv", "glue/WNLI/dev.tsv"),
        ("wsc", "superglue/WSC/train.jsonl", "superglue/WSC/val.jsonl"),
        ("wsc_bool", "superglue/WSC/train.jsonl", "superglue/WSC/val.jsonl"),
        ("yelp_review_full", "classification/sst5/train_full.jsonl", "classification/sst5/test.jsonl"),
    ];
}

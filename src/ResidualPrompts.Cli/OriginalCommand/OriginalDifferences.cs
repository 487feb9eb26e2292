namespace ResidualPrompts.Cli.OriginalCommand;

/// <summary>The differences that <c>--compat original</c> makes, for docs/original-command.md.</summary>
internal static class OriginalDifferences
{
    internal static IReadOnlyList<(string What, string Here, string There)> All { get; } =
    [
        ("target", "whole",
            "truncated to the original's target length, `</s>` included: "
                + "not_entailment becomes `not_entail`, not_equivalent `not_equi`, not_duplicate `not_dup`; "
                + "also answers of record and referents of wsc"),
        ("text longer than the limit", "the long field is truncated; question, answer, hypothesis, query, entities and `</s>` are kept",
            "the text is truncated to 512 tokens, then prompt and text together, which removes the end of the text and its `</s>`"),
        ("how answers are chosen", "label scores where labels are fixed or candidates are known",
            "greedy generation of at most the target length minus one token"),
        ("how answers are compared", "exactly, except for surrounding white space; any other answer is invalid",
            "in lower case without punctuation and articles, with the truncated target; no answer is invalid"),
        ("mrpc, qqp", "accuracy, F1", "accuracy"),
        ("cb", "accuracy, macro F1 over the three labels", "accuracy, macro F1 over every text that occurs"),
        ("cola", "Matthews correlation, with invalid answers as an extra class", "Matthews correlation over every text that occurs"),
        ("multirc", "F1 of the class true over all answers, exact match per question number",
            "exact match per run of consecutive equal questions, and micro F1, which equals accuracy"),
        ("record", "exact match and F1 of word counts over all answers; the most likely entity is the answer",
            "the generated text is compared with the truncated, joined answers; repeated words count once"),
        ("stsb", "the target is the nearest multiple of 0.2; Pearson and Spearman correlation with the score",
            "the target is the first three characters of the score in single precision (3.8 becomes 3.7); "
                + "Pearson correlation of the digits without the decimal point; undefined where the original fails"),
        ("wsc", "the pronoun's characters are marked, the target is the whole referent, all validation rows are used",
            "the word at the index is marked with its punctuation, the target is one word, rows with label false are omitted from every split"),
        ("imdb, ag_news, yelp_review_full, amazon, yahoo_answers_topics, dbpedia_14", "validation rows are held out of the training rows",
            "the test split chooses the best epoch"),
        ("wnli, mnli_mismatched, ax, ax-b, ax-g, trec, subj, sst5, rotten-tomatoes", "ordinary tasks", "rejected: the original cannot run them"),
        ("few-shot rows", "drawn by `--few-shot-seed`, the same in every run, for every task",
            "the same here; the original draws different rows in each run, and none for cb, copa, wsc and wsc_bool"),
        ("a row without label", "has no target", "the same here; the original uses the last label word"),
    ];
}

namespace ResidualPrompts.Cli.OriginalCommand;

/// <summary>What <c>--compat original</c> changes, for docs/original-command.md.</summary>
internal static class OriginalDifferences
{
    internal static IReadOnlyList<(string What, string Here, string There)> All { get; } =
    [
        ("target", "whole", "cut to the original's target length, `</s>` included: not_entailment becomes `not_entail`, not_equivalent `not_equi`, not_duplicate `not_dup`; answers of record, referents of wsc"),
        ("text that is too long", "the long field loses its end; question, answer, hypothesis, query, entities and `</s>` stay", "the text is cut to 512 tokens at its end, then prompt and text together, so that the end and its `</s>` go"),
        ("how answers are found", "label scores where labels are fixed or candidates known", "greedy generation of one token less than the target length"),
        ("how answers are compared", "outer white space aside, letter by letter; anything else is invalid", "in lower case without punctuation and articles, against what is left of the cut target; no answer is invalid"),
        ("mrpc, qqp", "accuracy, F1", "accuracy"),
        ("cb", "accuracy, macro F1 over the three labels", "accuracy, macro F1 over every text that occurs"),
        ("cola", "Matthews, invalid answers being one class more", "Matthews over every text that occurs"),
        ("multirc", "F1 of true over all answers, exact match over questions by their numbers", "exact match over runs of equal questions, and a micro F1, which is the accuracy"),
        ("record", "exact match and F1 of counted words against all answers; the likeliest entity is the answer", "the generated text against the cut, joined answers; repeated words count once"),
        ("stsb", "target is the nearest multiple of 0.2; Pearson and Spearman against the score", "the first three characters of the score in single precision (3.8 becomes 3.7); Pearson of the digits without their point; undefined where the original stops"),
        ("wsc", "the pronoun's letters are marked, the target is the whole referent, all rows validate", "the word at the index is marked with its punctuation, the target is one word, rows with label false are left out of every split"),
        ("imdb, ag_news, yelp_review_full, amazon, yahoo_answers_topics, dbpedia_14", "validation rows are held out of the training rows", "the test split chooses the best epoch"),
        ("wnli, mnli_mismatched, ax-b, ax-g, trec, subj, sst5, rotten-tomatoes", "tasks like any", "refused: the original cannot run them"),
        ("few-shot rows", "drawn by `--few-shot-seed`, the same in every run, for every task", "the same; the original drew others in each run, and none for cb, copa, wsc and wsc_bool"),
        ("a row without label", "has no target", "the same; the original took the last label word"),
    ];
}

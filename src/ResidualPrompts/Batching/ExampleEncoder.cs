using ResidualPrompts.Data;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Batching;

/// <summary>Turns rows into ids: text by the task's template and the tokenizer, or the ids that a row brings itself.</summary>
/// <param name="task">The task, or null when rows bring ids.</param>
/// <param name="tokenizer">The tokenizer, or null when rows bring ids.</param>
/// <param name="maxTextTokens">Most input tokens, eos included; the prompt's are not counted.</param>
/// <param name="problemOf">Says what is wrong with ids for the model, or null.</param>
public sealed class ExampleEncoder(TaskDefinition? task, T5Tokenizer? tokenizer, int maxTextTokens, Func<int[], string?> problemOf)
{
    private const string InputField = "input_ids";
    internal const string TargetField = "target_ids";

    /// <summary>Whether a row brings its ids.</summary>
    /// <param name="row">The row.</param>
    public static bool BringsIds(Example row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return row.Has(InputField);
    }

    /// <summary>Encodes rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="needsTargets">Whether every row must have a target, as in training.</param>
    /// <exception cref="DataException">A row lacks a field, a label or a target, or its ids are outside the vocabulary.</exception>
    public EncodedSplit Encode(IReadOnlyList<Example> rows, bool needsTargets)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var cutCount = 0;
        var examples = new EncodedExample[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            if (task is null || BringsIds(rows[i]))
            {
                examples[i] = new EncodedExample(InputIds(rows[i]), rows[i].Has(TargetField) || needsTargets ? GivenIds(rows[i], TargetField) : null);
                continue;
            }

            var read = needsTargets ? task.ReadLabelled(rows[i]) : task.Read(rows[i]);
            examples[i] = new EncodedExample(Tokens(read, ref cutCount), read.TargetText is { } target ? tokenizer!.Encode(target) : null);
        }

        return new EncodedSplit(rows, examples, cutCount);
    }

    /// <summary>The ids of a label word, eos included.</summary>
    /// <param name="word">The word.</param>
    public int[] Label(string word) => tokenizer!.Encode(word);

    private int[] Tokens(TaskExample read, ref int cutCount)
    {
        var ids = tokenizer!.Encode(read.Text);
        if (ids.Length <= maxTextTokens)
            return ids;
        cutCount++;
        return tokenizer.Encode(read.Text, maxTextTokens);
    }

    private int[] InputIds(Example row)
    {
        var ids = GivenIds(row, InputField);
        return ids.Length <= maxTextTokens ? ids : throw row.Problem($"'{InputField}' has {ids.Length} ids, expected at most {maxTextTokens} beside the prompt; ids are never cut");
    }

    private int[] GivenIds(Example row, string field)
    {
        var ids = row.Ids(field);
        if (ids.Length == 0)
            throw row.Problem($"'{field}' is empty, expected at least one token");
        return problemOf(ids) is { } problem ? throw row.Problem(problem) : ids;
    }
}

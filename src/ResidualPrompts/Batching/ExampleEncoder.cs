using ResidualPrompts.Data;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tokenization;

namespace ResidualPrompts.Batching;

/// <summary>Encodes rows as token ids: with the task's template and the tokenizer, or with the ids that a row contains.</summary>
/// <param name="task">The task, or null when rows contain ids.</param>
/// <param name="tokenizer">The tokenizer, or null when rows contain ids.</param>
/// <param name="maxInputTokens">Maximum input tokens, including eos and the prompt's.</param>
/// <param name="virtualTokenCount">Virtual tokens, which reduce the space for text.</param>
/// <param name="problemOf">Says what is wrong with ids for the model; returns null when nothing is.</param>
internal sealed class ExampleEncoder(
    TaskDefinition? task, T5Tokenizer? tokenizer, int maxInputTokens, int virtualTokenCount, Func<int[], string?> problemOf)
{
    private readonly int _maxTextTokens = maxInputTokens - virtualTokenCount;

    private const string InputField = "input_ids";
    internal const string TargetField = "target_ids";

    /// <summary>Whether a row contains its token ids.</summary>
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
    public EncodedSplit Encode(IReadOnlyList<Example> rows, bool needsTargets) => Encode(rows, needsTargets, keepsAnswers: true);

    /// <param name="rows">The rows.</param>
    /// <param name="needsTargets">Whether every row must have a target, as in training.</param>
    /// <param name="keepsAnswers">Whether answers will be judged; the parsed rows are then kept.</param>
    /// <param name="onBadRow">Receives rows that cannot be encoded, which are then skipped; null = the first one throws.</param>
    internal EncodedSplit Encode(IReadOnlyList<Example> rows, bool needsTargets, bool keepsAnswers, Action<BadRow>? onBadRow = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var cutCount = 0;
        var (good, examples, read) = (
            new List<Example>(rows.Count), new List<EncodedExample>(rows.Count), new List<TaskExample?>(keepsAnswers ? rows.Count : 0));
        foreach (var row in rows)
        {
            try
            {
                examples.Add(Encode(row, needsTargets, out var ofRow, ref cutCount));
                good.Add(row);
                if (keepsAnswers)
                    read.Add(ofRow is null ? null : AsWritten(ofRow with { Text = "", Cuttable = null }));
            }
            catch (InputException e) when (onBadRow is not null)
            {
                onBadRow(BadRow.Of(row, e));
            }
        }

        return new EncodedSplit(this, good.Count == rows.Count ? rows : good, examples, cutCount, keepsAnswers ? [.. read] : null);
    }

    private EncodedExample Encode(Example row, bool needsTargets, out TaskExample? read, ref int cutCount)
    {
        read = null;
        if (task is null || BringsIds(row))
            return new EncodedExample(InputIds(row), row.Has(TargetField) || needsTargets ? GivenIds(row, TargetField) : null);
        read = needsTargets ? task.ReadLabelled(row) : task.Read(row);
        return new EncodedExample(Input(read, ref cutCount), read.TargetText is { } target ? Target(target) : null, Candidates(row, read));
    }

    /// <summary>Reads a row's answer, without its text.</summary>
    internal TaskExample ReadAnswer(Example row) => task is null
        ? new TaskExample(row.Index, "", null, null, row.Has(TargetField) ? NameOf(row.Ids(TargetField)) : null)
        : AsWritten(BringsIds(row) ? task.Read(row) : task.ReadAnswer(row));

    /// <summary>Formats token ids as an answer: <c>"121 1"</c>.</summary>
    internal static string NameOf(int[] ids) => string.Join(' ', ids);

    /// <summary>The ids of a label word, including eos.</summary>
    /// <param name="word">The word.</param>
    public int[] Label(string word) => tokenizer!.Encode(word);

    /// <summary>The ids of a row's text, including eos, truncated to the maximum.</summary>
    /// <param name="read">The row.</param>
    public int[] Input(TaskExample read)
    {
        var cutCount = 0;
        return Input(read, ref cutCount);
    }

    /// <summary>The ids of a target, including eos; truncated where the task says so.</summary>
    /// <param name="target">The target.</param>
    public int[] Target(string target) => tokenizer!.Encode(target, task!.MaxTargetTokens);

    /// <summary>A row with the right answer as T5 can write it: the original compares with the truncated target.</summary>
    internal TaskExample AsWritten(TaskExample read) => task!.MaxTargetTokens is null || read.Reference is null || read.TargetText is not { } target
        ? read
        : read with { Reference = task.Judge(read, tokenizer!.Decode(Target(target), skipSpecialTokens: false)) };

    private int[] Input(TaskExample read, ref int cutCount)
    {
        var ids = tokenizer!.Encode(read.Text);
        if (ids.Length <= _maxTextTokens)
            return ids;
        cutCount++;
        if (task!.Cut == TextCut.Original)
            return tokenizer.Encode(read.Text, maxInputTokens)[.._maxTextTokens];
        return CutField(read) ?? tokenizer.Encode(read.Text, _maxTextTokens);
    }

    /// <summary>
    /// The ids of a text whose cuttable field has lost its end; null when the text has no such field, or when the rest of it alone is too long.
    /// </summary>
    private int[]? CutField(TaskExample read)
    {
        if (read.Cuttable is not { } range)
            return null;
        var tail = tokenizer!.Encode(read.Text[range.End..]); // with eos
        var room = _maxTextTokens - tail.Length;
        var head = tokenizer.Encode(read.Text[..range.Start]).Length - 1;
        return room < head ? null : [.. tokenizer.Encode(read.Text[..range.End])[..room], .. tail];
    }

    private int[][]? Candidates(Example row, TaskExample read)
    {
        if (read.Candidates is not { } candidates)
            return null;
        return candidates.Count > 0 ? [.. candidates.Select(Label)] : throw row.Problem("the row has no candidates to choose from");
    }

    private int[] InputIds(Example row)
    {
        var ids = GivenIds(row, InputField);
        return ids.Length <= _maxTextTokens ? ids
            : throw row.Problem($"'{InputField}' has {ids.Length} ids, expected at most {_maxTextTokens} beside the prompt; ids are never cut");
    }

    private int[] GivenIds(Example row, string field)
    {
        var ids = row.Ids(field);
        if (ids.Length == 0)
            throw row.Problem($"'{field}' is empty, expected at least one token");
        return problemOf(ids) is { } problem ? throw row.Problem(problem) : ids;
    }
}

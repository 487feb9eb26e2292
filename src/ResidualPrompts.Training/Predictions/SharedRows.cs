using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Predictions;

/// <summary>
/// The rows of runs that are evaluated together: runs on one model whose settings choose, render and cut rows alike share them, so that they are read
/// and tokenized once.
/// </summary>
internal sealed class SharedRows
{
    private readonly Dictionary<(Backbone, string), RunData> _data = [];
    private readonly Dictionary<(DataSplit, RunData), ScoredRows> _own = [];
    private readonly Dictionary<(Backbone, EvaluationRows, TaskDefinition?, string), ScoredRows> _others = [];

    /// <summary>How often rows were read and tokenized.</summary>
    internal int LoadCount { get; private set; }

    /// <summary>The data of a run, as its settings select it.</summary>
    /// <param name="member">The run.</param>
    /// <exception cref="InputException">The task, the data or the settings do not fit. Nothing is kept of it.</exception>
    internal RunData DataOf(RunMember member)
    {
        var key = (member.Backbone, KeyOf(member, [.. EncodedRows.InKey, .. EncodedRows.Selecting]));
        if (_data.TryGetValue(key, out var known))
            return known;
        LoadCount++;
        return _data[key] = RunData.Load(member.Record.Located, member.Backbone, member.Record.Inputs.TaskFile);
    }

    /// <summary>A split of a run's data; null when it has no such split.</summary>
    internal ScoredRows? Split(RunData data, DataSplit split)
    {
        if (_own.TryGetValue((split, data), out var known))
            return known;
        return data.Encode(split) is { } rows ? _own[(split, data)] = new ScoredRows(data.MakeEvaluator(), rows) : null;
    }

    /// <summary>Rows of another task or other data.</summary>
    /// <param name="member">The run that is to predict them.</param>
    /// <param name="asked">Which rows.</param>
    /// <param name="ofCode">The task, if it was made by code; null = the settings say what it is.</param>
    /// <param name="read">Reads them, if no run with equal settings has.</param>
    internal ScoredRows Other(RunMember member, EvaluationRows asked, TaskDefinition? ofCode, Func<ScoredRows> read)
    {
        var answers = $"{member.Record.Inputs.Evaluation} {member.Record.Inputs.MaxNewTokens}";
        var key = (member.Backbone, asked, ofCode, $"{KeyOf(member, [.. EncodedRows.InKey, "encoding"])} {answers}");
        if (_others.TryGetValue(key, out var known))
            return known;
        LoadCount++;
        return _others[key] = read();
    }

    /// <summary>What decides the token ids of a run's rows, as text. Prompts may differ in length where texts have equal room.</summary>
    private static string KeyOf(RunMember member, string[] keys)
    {
        var spec = member.Record.Located;
        var all = RunSpecJson.Write(spec);
        var settings = new JsonObject(keys.Append("evaluation").Select(key => KeyValuePair.Create(key, all[key]?.DeepClone())))
        {
            ["text_length"] = spec.MaxInputLength - spec.VirtualTokenCount,
            ["input_length"] = spec.Compat == Compatibility.None ? null : spec.MaxInputLength, // the original cuts twice
            ["seed_of_splits"] = spec.SplitsBySeed ? spec.Seed : null,
            ["task_file"] = member.Record.Inputs.TaskFile?.DeepClone(),
            ["rows"] = member.Record.Inputs.RowsDigest,
        };
        return settings.ToJsonString();
    }
}

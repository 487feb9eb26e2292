using ResidualPrompts.Models.T5;
using ResidualPrompts.Testing;
using ResidualPrompts.Tests.Prompts;

namespace ResidualPrompts.Tests;

/// <summary>Names of parameters stand in files that users keep: they change only on purpose.</summary>
public sealed class StateDictTests
{
    [Fact]
    public void Parameters_of_every_kind_of_prompt_are_called_as_they_were() =>
        Snapshot.Match("state-dict-prompts.txt", string.Concat(PromptKinds.All.Select(row =>
    {
        using var prompt = PromptKinds.Create(row.Data);
        return $"{row.Data}\n{Lines(prompt.Parameters.ToDictionary(pair => pair.Key, pair => pair.Value.shape))}";
    })));

    [Fact]
    public void Weights_of_T5_are_called_as_Hugging_Face_calls_them() => Snapshot.Match(
        "state-dict-t5.txt",
        $"version 1.0\n{Lines(T5Model.WeightShapes(TinyT5.Version10))}version 1.1\n{Lines(T5Model.WeightShapes(TinyT5.Version11))}");

    private static string Lines(IReadOnlyDictionary<string, long[]> shapes) =>
        string.Concat(shapes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"  {pair.Key} [{string.Join(", ", pair.Value)}]\n"));
}

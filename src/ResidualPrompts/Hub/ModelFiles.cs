using ResidualPrompts.Files;

namespace ResidualPrompts.Hub;

/// <summary>The files of a T5, in the order in which they are looked for. Of weights, the first kind that exists is used.</summary>
internal static class ModelFiles
{
    public const string Config = "config.json";

    /// <summary>The tokenizer: the first that exists.</summary>
    public static readonly string[] Tokenizer = ["spiece.model", "tokenizer.json"];

    /// <summary>Optional settings. Beside a <c>spiece.model</c>, <c>tokenizer.json</c> may be the only file that has added tokens.</summary>
    public static readonly string[] Settings =
        ["tokenizer.json", "tokenizer_config.json", "added_tokens.json", "special_tokens_map.json", "generation_config.json"];

    /// <summary>Those of the settings that may hold tokens which the owner added; a <c>tokenizer.json</c> has them all.</summary>
    public static readonly string[] AddedTokens = ["tokenizer_config.json", "added_tokens.json", "special_tokens_map.json"];

    /// <summary>The file that has every added token.</summary>
    public const string FastTokenizer = "tokenizer.json";

    /// <summary>Weights: safetensors before PyTorch's pickle, a single file before shards.</summary>
    public static readonly string[] Weights = [
        "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    private const string IndexSuffix = ".index.json";

    /// <summary>The shards that a weight index names; none when the file is not an index.</summary>
    /// <exception cref="HubException">The index is broken or names a file elsewhere.</exception>
    public static IReadOnlyList<string> ShardsOf(HubRepository repository, string name, string path)
    {
        if (!name.EndsWith(IndexSuffix, StringComparison.Ordinal))
            return [];
        string[] shards;
        try
        {
            using var document = JsonFile.Document(PlainFile.Read(path, PlainFile.LongestJson));
            shards = [.. document.RootElement.GetProperty("weight_map").EnumerateObject().Select(entry => entry.Value.GetString() ?? "").Distinct()
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (JsonProblem.IsOne(e))
        {
            throw HubException.MissingFile(repository, HubRepository.DefaultRevision, [$"valid {name}"]);
        }

        foreach (var shard in shards.Where(shard => shard.Contains('/') || !HubPath.IsSafe(shard)))
            throw HubException.UnsafeName(repository, shard);
        return shards;
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ResidualPrompts.Tokenization;

/// <summary>Which texts between special tokens get a space of their own at their start.</summary>
internal enum SpaceRule
{
    /// <summary>Every one, as in T5's training and in transformers with <c>"legacy": true</c>.</summary>
    EverySentence,

    /// <summary>Only the whole text, as in transformers' T5Tokenizer with <c>"legacy": false</c>.</summary>
    WholeText,

    /// <summary>Only the whole text, as in a tokenizer.json with <c>"prepend_scheme": "first"</c>.</summary>
    WholeTextFast,
}

/// <summary>What the files of a tokenizer's folder say, joined and checked.</summary>
internal sealed record TokenizerFiles
{
    private const string AddedFileName = "added_tokens.json";
    private const string SpecialMapFileName = "special_tokens_map.json";
    private const string AddedTokensKey = "added_tokens";
    private const long LongestModelFile = 64 << 20;

    private static readonly string[] Names =
        [T5Tokenizer.ModelFileName, T5Tokenizer.FastFileName, TokenizerConfig.FileName, AddedFileName, SpecialMapFileName];

    /// <summary>Pieces and normalization.</summary>
    public required SentencePieceModel Model { get; init; }

    /// <summary>T5's special tokens and the owner's.</summary>
    public required SpecialTokens SpecialTokens { get; init; }

    /// <summary>SHA-256 of all that decides ids, in lower-case hex.</summary>
    public required string Digest { get; init; }

    /// <summary>Where spaces are added.</summary>
    public SpaceRule Spaces { get; init; }

    /// <summary>Whether the whole text gets a space where not every sentence does.</summary>
    public bool AddsPrefixSpace { get; init; } = true;

    /// <summary>The files of a folder that decide ids and exist.</summary>
    public static IReadOnlyList<string> In(string folder) => [.. Names.Select(name => Path.Combine(folder, name)).Where(File.Exists)];

    /// <summary>A model without other files.</summary>
    public static TokenizerFiles Of(byte[] model, int extraIdCount)
    {
        var pieces = SentencePieceReader.Read(T5Tokenizer.ModelFileName, model);
        return Join(model, pieces, extraIdCount, SpaceRule.EverySentence, new TokenizerConfig(), []);
    }

    /// <summary>Reads the files of a folder.</summary>
    /// <exception cref="TokenizerException">A file is missing, damaged or of a kind that T5 does not use, or files contradict each other.</exception>
    public static TokenizerFiles Read(string folder)
    {
        var path = T5Tokenizer.FileIn(folder) ?? throw TokenizerException.MissingModel(folder);
        var file = TokenizerFile.Read(path, LongestModelFile);
        var (fast, config) = (Path.Combine(folder, T5Tokenizer.FastFileName), TokenizerConfig.Load(folder));
        var declared = new List<AddedToken>(config.Numbered ?? []);
        if (Existing(folder, AddedFileName) is { } added)
            declared.AddRange(TokenizerFile.ReadJson(added, root => new AddedTokenReader(added).ByContent(root).ToList()));
        declared.AddRange(config.Special);
        if (config.Numbered is null && Existing(folder, SpecialMapFileName) is { } map)
            declared.AddRange(TokenizerFile.ReadJson(map, root => TokenizerConfig.SpecialIn(map, root)));

        if (path == fast)
        {
            var tokenizer = FastTokenizerReader.Read(path, file);
            return Join(file, tokenizer.Model, tokenizer.ExtraIdCount, tokenizer.Spaces, config, [.. tokenizer.AddedTokens, .. declared]);
        }

        var model = SentencePieceReader.Read(path, file);
        var extraIdCount = config.ExtraIdCountAfter(model.Pieces);
        TokenizerConfig.CheckExtraIds(declared.Where(token => token.Id is null), extraIdCount);
        if (config.Numbered is null && File.Exists(fast)) // as transformers does
            declared.AddRange(TokenizerFile.ReadJson(fast, root => ListedIn(fast, root), LongestModelFile));
        return Join(
            file, model, extraIdCount, config.IsLegacy ? SpaceRule.EverySentence : SpaceRule.WholeText,
            config, declared);
    }

    private static TokenizerFiles Join(
        byte[] file, SentencePieceModel model, int extraIdCount, SpaceRule spaces, TokenizerConfig config, IReadOnlyList<AddedToken> declared)
    {
        var special = AddedTokens.Join(model.Pieces, extraIdCount, declared, isLegacy: spaces == SpaceRule.EverySentence);
        var rules = special.DescribeAdded();
        if (spaces == SpaceRule.WholeText)
            rules += $"legacy false{(config.AddsPrefixSpace ? "" : ", add_prefix_space false")} {special.DescribeOwn()}\n";
        else if (spaces == SpaceRule.WholeTextFast)
            rules += $"prepend_scheme first {special.DescribeOwn()}\n";
        var digest = Hex(file);
        return new TokenizerFiles
        {
            Model = model,
            SpecialTokens = special,
            Spaces = spaces,
            AddsPrefixSpace = config.AddsPrefixSpace,
            Digest = rules.Length == 0 ? digest : Hex(Encoding.UTF8.GetBytes($"{digest}\n{rules}")),
        };
    }

    private static List<AddedToken> ListedIn(string path, JsonElement root) => root.TryGetProperty(AddedTokensKey, out var tokens)
        ? [.. new AddedTokenReader(path).Listed(tokens)] : [];

    private static string? Existing(string folder, string name) => Path.Combine(folder, name) is var path && File.Exists(path) ? path : null;

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

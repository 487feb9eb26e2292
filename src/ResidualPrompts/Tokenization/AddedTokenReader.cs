using System.Globalization;
using System.Text.Json;

namespace ResidualPrompts.Tokenization;

/// <summary>Reads the forms in which transformers writes added tokens: by id, by text, as a list, and as special tokens without an id.</summary>
/// <param name="path">The file, for messages.</param>
internal sealed class AddedTokenReader(string path)
{
    private const int LargestId = (1 << 24) - 1;
    private const int LongestContent = 1024;

    /// <summary>Reads <c>added_tokens_decoder</c>: <c>{"8100": {"content": "…", "lstrip": false, …}}</c>.</summary>
    public IEnumerable<AddedToken> ById(JsonElement tokens)
    {
        Require(tokens, JsonValueKind.Object, "added_tokens_decoder");
        return tokens.EnumerateObject().Select(entry =>
            int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id <= LargestId
                ? Token(entry.Value, id)
                : throw Problem($"'{Shown(entry.Name)}' in 'added_tokens_decoder' is not a token id, a whole number from 0 to {LargestId}."));
    }

    /// <summary>Reads <c>added_tokens.json</c>: <c>{"&lt;sep&gt;": 8100}</c>.</summary>
    public IEnumerable<AddedToken> ByContent(JsonElement tokens)
    {
        Require(tokens, JsonValueKind.Object, "the file");
        return tokens.EnumerateObject().Select(entry =>
            new AddedToken(Checked(entry.Name), Id(entry.Name, entry.Value), false, false, false, true, path));
    }

    /// <summary>Reads <c>added_tokens</c> of a tokenizer.json: <c>[{"id": 8100, "content": "…", "lstrip": false, …}]</c>.</summary>
    public IEnumerable<AddedToken> Listed(JsonElement tokens)
    {
        Require(tokens, JsonValueKind.Array, "added_tokens");
        return tokens.EnumerateArray().Select(token => token.ValueKind == JsonValueKind.Object
            ? Token(token, Id(Content(token), token.GetProperty("id")))
            : throw Problem($"{Shown(token.GetRawText())} in 'added_tokens' is not an added token."));
    }

    /// <summary>Reads a special token, which has no id of its own: <c>"&lt;sep&gt;"</c> or <c>{"content": "&lt;sep&gt;", …}</c>.</summary>
    /// <param name="value">The token.</param>
    /// <param name="key">Its key, for messages.</param>
    public AddedToken Special(JsonElement value, string key) => value.ValueKind switch
    {
        JsonValueKind.String => new AddedToken(Checked(value.GetString()!), null, false, false, true, false, path),
        JsonValueKind.Object => Token(value, null) with { IsSpecial = true },
        _ => throw Problem($"'{key}' is {Shown(value.GetRawText())}, expected a token."),
    };

    private AddedToken Token(JsonElement token, int? id)
    {
        Require(token, JsonValueKind.Object, id is { } number ? $"token {number.ToString(CultureInfo.InvariantCulture)}" : "a special token");
        var content = Checked(Content(token));
        if (Flag(token, "single_word"))
            throw TokenizerException.UnsupportedToken(
                path, $"'{Shown(content)}' has \"single_word\": true, expected false: transformers' two tokenizers disagree about such tokens.");
        return new AddedToken(
            content, id, Flag(token, "lstrip"), Flag(token, "rstrip"), Flag(token, "special"), Flag(token, "normalized"), path);
    }

    private string Content(JsonElement token) => token.TryGetProperty("content", out var value) && value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw Problem($"{Shown(token.GetRawText())} is an added token without 'content'.");

    private string Checked(string content) => content.Length is > 0 and <= LongestContent
        ? content
        : throw Problem($"an added token has {content.Length} characters, expected 1 to {LongestContent}.");

    private int Id(string content, JsonElement id) =>
        id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number) && number is >= 0 and <= LargestId
        ? number
        : throw Problem($"the id of '{Shown(content)}' is {Shown(id.GetRawText())}, expected a whole number from 0 to {LargestId}.");

    private bool Flag(JsonElement token, string key)
    {
        if (!token.TryGetProperty(key, out var value))
            return false;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Problem($"'{key}' of the added token '{Shown(Content(token))}' is {Shown(value.GetRawText())}, expected true or false.");
    }

    private void Require(JsonElement value, JsonValueKind kind, string what)
    {
        if (value.ValueKind != kind)
            throw Problem($"{what} is {value.ValueKind}, expected {kind}.");
    }

    private TokenizerException Problem(string problem) => TokenizerException.BrokenAddedTokens(path, problem);

    private static string Shown(string text) => AddedToken.Shown(text);
}

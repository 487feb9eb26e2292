using System.Text.Json.Nodes;
using Google.Protobuf;

namespace ResidualPrompts.Testing;

/// <summary>The <c>tokenizer.json</c> that transformers' converter makes of a <c>spiece.model</c>.</summary>
public static class FastTokenizerFile
{
    /// <summary>Converts a model.</summary>
    /// <param name="spiece">The bytes of the <c>spiece.model</c>.</param>
    /// <param name="extraIdCount">How many extra ids follow its pieces.</param>
    public static JsonObject Of(byte[] spiece, int extraIdCount = 100)
    {
        var vocabulary = new JsonArray();
        byte[] charsMap = [];
        foreach (var (field, message) in Messages(spiece))
        {
            if (field == 1)
                vocabulary.Add(Piece(message));
            else if (field == 3)
                charsMap = Messages(message).Single(inner => inner.Field == 2).Bytes;
        }

        var added = new JsonArray([.. new[] { "<pad>", "</s>", "<unk>" }.Select((content, id) => Added(id, content))]);
        for (var k = extraIdCount - 1; k >= 0; k--)
        {
            added.Add(Added(vocabulary.Count, $"<extra_id_{k}>"));
            vocabulary.Add(new JsonArray($"<extra_id_{k}>", 0.0));
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["added_tokens"] = added,
            ["normalizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["normalizers"] = new JsonArray(
                    new JsonObject { ["type"] = "Precompiled", ["precompiled_charsmap"] = Convert.ToBase64String(charsMap) },
                    new JsonObject { ["type"] = "Strip", ["strip_left"] = false, ["strip_right"] = true }),
            },
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Metaspace",
                ["replacement"] = "\u2581",
                ["prepend_scheme"] = "always",
                ["split"] = true
            },
            ["model"] = new JsonObject { ["type"] = "Unigram", ["unk_id"] = 2, ["vocab"] = vocabulary, ["byte_fallback"] = false },
        };
    }

    private static JsonObject Added(int id, string content) => new() { ["id"] = id, ["content"] = content, ["special"] = true };

    private static JsonArray Piece(byte[] message)
    {
        using var input = new CodedInputStream(message);
        var (text, score) = ("", 0f);
        while (input.ReadTag() is var tag and not 0)
        {
            if (tag == 10)
                text = input.ReadString();
            else if (tag == 21)
                score = input.ReadFloat();
            else
                input.SkipLastField();
        }

        return new JsonArray(text, (double)score);
    }

    /// <summary>The fields of a message that are messages, texts or bytes.</summary>
    private static IEnumerable<(int Field, byte[] Bytes)> Messages(byte[] message)
    {
        using var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            if (WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                yield return (WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray());
            else
                input.SkipLastField();
        }
    }
}

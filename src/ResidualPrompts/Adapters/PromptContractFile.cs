using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ResidualPrompts.Backbones;
using ResidualPrompts.Files;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Adapters;

/// <summary>Reads and writes <c>residual_prompt.json</c> (docs/formats.md). Unknown keys, from a later version, are ignored.</summary>
internal static class PromptContractFile
{
    private const int Version = 1;
    private const string DigestPrefix = "sha256:";
    private const int DigestLength = 7 + 64;

    internal static void Write(string path, PromptContract contract)
    {
        var bytes = Bytes(contract);
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    internal static byte[] Bytes(PromptContract contract)
    {
        var backbone = contract.Backbone;
        var json = new JsonObject
        {
            ["format_version"] = Version,
            ["backbone"] = new JsonObject
            {
                ["name"] = backbone.Name,
                ["revision"] = backbone.Revision,
                ["weights_digest"] = backbone.WeightsDigest,
                ["tokenizer_digest"] = backbone.TokenizerDigest,
                ["hidden_size"] = backbone.HiddenSize,
            },
            ["num_virtual_tokens"] = contract.VirtualTokenCount,
            ["max_input_length"] = contract.MaxInputLength,
            ["task"] = contract.Task,
            ["template"] = contract.Template,
            ["label_field"] = contract.LabelField,
            ["label_words"] = contract.LabelWords is { } words
                ? new JsonArray([.. words.Values.Zip(words.Words, (value, word) => new JsonObject { ["value"] = value, ["word"] = word })])
                : null,
            ["evaluation"] = contract.Evaluation == EvaluationMode.Labels ? "labels" : "generate",
            ["max_new_tokens"] = contract.MaxNewTokens,
            ["metric"] = contract.Metric is { } metric
                ? new JsonObject { ["name"] = metric.Name, ["split"] = metric.Split, ["value"] = metric.Value } : null,
            ["seed"] = contract.Seed,
            ["reparameterization"] = contract.Reparameterization,
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(json, JsonFormats.IndentedRelaxed), (byte)'\n'];
    }

    internal static PromptContract Read(string path)
    {
        try
        {
            return Parse(path, PlainFile.Read(path, PlainFile.LongestJson));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw AdapterException.Config(path, $"cannot be read as JSON: {JsonProblem.Of(e)}", e);
        }
    }

    /// <summary>As <see cref="Read(string)"/>, for the bytes of a file that were read before.</summary>
    internal static PromptContract Parse(string path, byte[] content)
    {
        try
        {
            using var document = JsonFile.Document(content);
            return Read(new JsonFields(document.RootElement, path, ""));
        }
        catch (Exception e) when (JsonProblem.IsOne(e))
        {
            throw AdapterException.Config(path, $"cannot be read as JSON: {JsonProblem.Of(e)}", e);
        }
    }

    private static PromptContract Read(JsonFields json)
    {
        if (json.Number("format_version", 1) is var version && version != Version)
            throw json.Problem(
                "format_version",
                $"is {version?.ToString(CultureInfo.InvariantCulture) ?? "missing"}, expected {Version}: "
                + "it was written by another version of this program");
        var backbone = json.Object("backbone") ?? throw json.Problem("backbone", "is missing");
        return new PromptContract
        {
            Backbone = new BackboneIdentity(
                backbone.Text("name") ?? throw backbone.Problem("name", "is missing"),
                backbone.Text("revision"),
                Digest(backbone, "weights_digest") ?? throw backbone.Problem("weights_digest", "is missing"),
                Digest(backbone, "tokenizer_digest"),
                (int)(backbone.Number("hidden_size", 1) ?? throw backbone.Problem("hidden_size", "is missing"))),
            VirtualTokenCount = (int)(json.Number("num_virtual_tokens", 1) ?? throw json.Problem("num_virtual_tokens", "is missing")),
            MaxInputLength = (int?)json.Number("max_input_length", 1),
            Task = json.Text("task"),
            Template = json.Text("template"),
            LabelField = json.Text("label_field"),
            LabelWords = Labels(json),
            Evaluation = json.Text("evaluation") switch
            {
                null or "labels" => EvaluationMode.Labels,
                "generate" => EvaluationMode.Generate,
                var other => throw json.Problem("evaluation", $"is '{ShownText.Value(other)}', expected labels or generate"),
            },
            MaxNewTokens = (int?)json.Number("max_new_tokens", 1),
            Metric = json.Object("metric") is { } metric
                ? new ContractMetric(
                    metric.Text("name") ?? throw metric.Problem("name", "is missing"),
                    metric.Text("split") ?? throw metric.Problem("split", "is missing"), metric.Real("value"))
                : null,
            Seed = json.Number("seed", long.MinValue, long.MaxValue),
            Reparameterization = json.Text("reparameterization"),
        };
    }

    private static string? Digest(JsonFields json, string key)
    {
        var digest = json.Text(key);
        return digest is null
            || (digest.Length == DigestLength && digest.StartsWith(DigestPrefix, StringComparison.Ordinal)
            && digest.AsSpan(DigestPrefix.Length).ToArray().All(char.IsAsciiHexDigitLower))
            ? digest
            : throw json.Problem(key, $"is '{ShownText.Value(digest)}', expected {DigestPrefix} and 64 hexadecimal digits in lower case");
    }

    private static LabelWords? Labels(JsonFields json)
    {
        if (json.Objects("label_words") is not { } labels)
            return null;
        try
        {
            return LabelWords.Of([.. labels.Select(label => (
                label.Text("value") ?? throw label.Problem("value", "is missing"),
                label.Text("word") ?? throw label.Problem("word", "is missing")))]);
        }
        catch (TaskException e)
        {
            throw json.Problem("label_words", $"cannot be used: {e.Message}");
        }
    }
}

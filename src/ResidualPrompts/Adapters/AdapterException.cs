using ResidualPrompts.Backbones;
using ResidualPrompts.Prompts;

namespace ResidualPrompts.Adapters;

/// <summary>A file or directory does not hold a prompt that can be used.</summary>
public sealed class AdapterException : InputException
{
    private const string Kinds =
        $"expected a PEFT adapter directory, a .npy file [P, H], a .safetensors file with '{PromptFile.TensorName}', "
        + $"or {PromptFile.TgisFileName} of TGIS";

    private AdapterException(ProblemKind kind, MessageText message, Exception? inner = null)
        : base(kind, message.ToString(), inner)
    {
    }

    internal static AdapterException NotFound(string path) => new(ProblemKind.Missing, $"No prompt '{path}': {Kinds}.{NearestPath.Hint(path)}");

    internal static AdapterException UnknownKind(string path) => new(ProblemKind.Unsupported, $"'{path}' is not a prompt: {Kinds}.");

    internal static AdapterException Unfinished(string directory) =>
        new(ProblemKind.Damaged,
            $"'{directory}' has files of an adapter but no {PeftConfig.FileName}, which is written last: whoever wrote it was stopped meanwhile.")
        {
            Remedies = [new Remedy.Act("write the adapter again")],
        };

    internal static AdapterException CannotWrite(string directory, Exception inner) =>
        new(ProblemKind.Inaccessible, $"The adapter '{directory}' cannot be written: {inner.Message}", inner);

    internal static AdapterException NoTensor(string path, IEnumerable<string> found) =>
        new(ProblemKind.Missing, $"{path} holds no tensor '{PromptFile.TensorName}', nor one other with 'prompt' in its name; "
            + $"found {string.Join(", ", found.Take(8).Select(name => ShownText.Value(name)).DefaultIfEmpty("nothing"))}.");

    internal static AdapterException NotFloating(string path, string name, string found) =>
        new(ProblemKind.Unsupported,
            $"{path}: '{ShownText.Value(name)}' holds numbers of type {found}, expected floating-point ones: it is not a prompt.");

    internal static AdapterException Shape(string path, IReadOnlyList<long> shape) =>
        new(ProblemKind.Damaged, $"{path}: a prompt has the shape [P, H] with at least one row, found [{string.Join(", ", shape)}].");

    internal static AdapterException NotFinite(string path, long row) =>
        new(ProblemKind.Damaged, $"{path}: row {row} of the prompt holds NaN or infinity; the run that made it did not converge.");

    internal static AdapterException Config(string path, string problem, Exception? inner = null) =>
        new(ProblemKind.Damaged, $"{path}: {problem}", inner);

    internal static AdapterException Unreadable(string directory, Exception inner) =>
        new(ProblemKind.Inaccessible, $"The prompt '{directory}' cannot be read: {inner.Message}", inner);

    internal static AdapterException DecoderPrompt(string directory) =>
        new(ProblemKind.Unsupported,
            $"'{directory}' holds decoder.pt only, a prompt for the decoder: T5 reads its prompt in the encoder, from {PromptFile.TgisFileName}.");

    internal static AdapterException OddForTgis(string path, long rows) =>
        new(ProblemKind.Unsupported,
            $"{path} is not written: TGIS serves prompts of an even length to encoder-decoder models, this one has {rows} rows.");

    internal static AdapterException ContractShape(string path, PromptContract contract, PlainPrompt prompt) =>
        new(ProblemKind.Mismatch,
            $"{Path.Combine(path, PromptContract.FileName)} describes a prompt [{contract.VirtualTokenCount}, {contract.Backbone.HiddenSize}], "
            + $"but beside it is one of [{prompt.VirtualTokenCount}, {prompt.HiddenSize}]: the two do not belong together.");

    internal static AdapterException AnotherBackbone(string path, BackboneIdentity expected, string model, IEnumerable<string> differences) =>
        new(ProblemKind.Mismatch, $"{Mismatch(path, expected, model, differences)}")
        {
            Remedies = [new Remedy.Act("use the model that it was trained on"), new Remedy.AllowMismatch()],
        };

    /// <summary>Says in sentences how a model differs from the one that a prompt was trained on.</summary>
    internal static string Mismatch(string path, BackboneIdentity expected, string model, IEnumerable<string> differences) =>
        $"The prompt '{path}' was trained on {ShownText.Value(expected.Name)}"
        + $"{(expected.Revision is { } revision ? $" at {ShownText.Value(revision)}" : "")}; "
        + $"the model '{model}' is another one: expected {string.Join("; ", differences)}."
        + (FormerModels.Explanation(expected.WeightsDigest) is { } changed ? $" {changed}" : "");
}

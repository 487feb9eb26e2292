namespace ResidualPrompts.Adapters;

/// <summary>A file or directory does not hold a prompt that can be used.</summary>
public sealed class AdapterException : InputException
{
    private AdapterException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal static AdapterException NotFound(string path) =>
        new($"No prompt '{path}': expected a .npy file [P, H], a .safetensors file with '{PromptFile.TensorName}', or a PEFT adapter directory.");

    internal static AdapterException UnknownKind(string path) =>
        new($"'{path}' is not a prompt: expected a .npy file [P, H], a .safetensors file with '{PromptFile.TensorName}', or a PEFT adapter directory.");

    internal static AdapterException NoTensor(string path, IEnumerable<string> found) =>
        new($"{path} holds no tensor '{PromptFile.TensorName}'; found {string.Join(", ", found.Take(8).DefaultIfEmpty("nothing"))}.");

    internal static AdapterException NotFloating(string path, string found) =>
        new($"{path}: '{PromptFile.TensorName}' holds numbers of type {found}, expected floating-point ones: it is no prompt.");

    internal static AdapterException Shape(string path, IReadOnlyList<long> shape) =>
        new($"{path}: a prompt has the shape [P, H] with at least one row, found [{string.Join(", ", shape)}].");

    internal static AdapterException NotFinite(string path, long row) =>
        new($"{path}: row {row} of the prompt holds NaN or infinity; the run that made it did not converge.");

    internal static AdapterException Config(string path, string problem, Exception? inner = null) => new($"{path}: {problem}", inner);

    internal static AdapterException OnlyPickle(string directory) =>
        new($"'{directory}' holds adapter_model.bin, a pickle, which is not read here: save it again with safe_serialization=True.");
}

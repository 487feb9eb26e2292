namespace ResidualPrompts.Compute;

/// <summary>A compute policy is unknown, or this processor cannot follow it.</summary>
public sealed class ComputeException : InputException
{
    private ComputeException(ProblemKind kind, MessageText message)
        : base(kind, message.ToString())
    {
    }

    internal static ComputeException Unknown(string variable, string value, IReadOnlyList<string> names) =>
        new(ProblemKind.Invalid, $"{variable} is '{ShownText.Value(value)}', expected {string.Join(", ", names.SkipLast(1))} or {names[^1]}.");

    internal static ComputeException NoManagedKernels() =>
        new(ProblemKind.Unsupported, $"The compute policy is 'managed', but this processor lacks AVX2 and FMA, which the managed kernels need.")
        {
            Remedies = [new Remedy.SetSetting("compute", Hint: "auto or libtorch")],
        };
}

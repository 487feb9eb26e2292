namespace ResidualPrompts.PromptedModels;

/// <summary>A prompt does not belong to the model.</summary>
public sealed class PromptMismatchException : InputException
{
    private PromptMismatchException(string message)
        : base(message)
    {
    }

    internal static PromptMismatchException Width(int found, int expected) =>
        new($"The prompt's rows are {found} wide, but the model's hidden size is {expected}: it was trained on another model.");
}

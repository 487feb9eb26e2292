using System.Diagnostics.CodeAnalysis;

namespace ResidualPrompts;

/// <summary>
/// What can be done about an <see cref="InputException"/>: a closed set, which a program words in its own terms (the command line as
/// options) or acts on.
/// </summary>
public abstract record Remedy
{
    private Remedy()
    {
    }

    /// <summary>Give a setting another value.</summary>
    /// <param name="Name">The setting, in snake_case (<c>save_name</c>), or the name of the property where it has no JSON form.</param>
    /// <param name="Value">The value as text; null = any that fits.</param>
    /// <param name="Hint">What a value must be, in words; null where the name says it.</param>
    public sealed record SetSetting(string Name, string? Value = null, string? Hint = null) : Remedy;

    /// <summary>Start anew, and lose what exists.</summary>
    public sealed record Overwrite : Remedy;

    /// <summary>Continue what was begun.</summary>
    [SuppressMessage("Naming", "CA1716", Justification = "A keyword of Visual Basic; it is the word for it.")]
    public sealed record Resume : Remedy;

    /// <summary>Use a prompt on a model that is not its own all the same.</summary>
    public sealed record AllowMismatch : Remedy;

    /// <summary>Download something from the hub.</summary>
    /// <param name="Name">NAME or OWNER/NAME.</param>
    /// <param name="Revision">Branch, tag or commit; null = main.</param>
    /// <param name="IsDataSet">Whether it is a data set, else a model.</param>
    public sealed record Download(string Name, string? Revision, bool IsDataSet) : Remedy;

    /// <summary>Something that only a person can do, such as making room on a disk.</summary>
    /// <param name="What">What to do, as the rest of a sentence in the imperative: <c>free some space</c>.</param>
    public sealed record Act(string What) : Remedy;
}

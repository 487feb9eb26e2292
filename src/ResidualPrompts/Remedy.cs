using System.Diagnostics.CodeAnalysis;

namespace ResidualPrompts;

/// <summary>
/// What can be done about an <see cref="InputException"/>. The set is closed; a program words each remedy in its own terms (the command line as
/// options) or acts on it.
/// </summary>
public abstract record Remedy
{
    private Remedy()
    {
    }

    /// <summary>Give a setting another value.</summary>
    /// <param name="Name">The setting, in snake_case (<c>save_name</c>), or the name of the property where it has no JSON form.</param>
    /// <param name="Value">The value as text; null = any suitable one.</param>
    /// <param name="Hint">A description of suitable values; null where the name says it.</param>
    public sealed record SetSetting(string Name, string? Value = null, string? Hint = null) : Remedy;

    /// <summary>Start over, and lose what exists.</summary>
    public sealed record Overwrite : Remedy;

    /// <summary>Continue what was begun.</summary>
    [SuppressMessage("Naming", "CA1716", Justification = "A keyword of Visual Basic; it is the word for it.")]
    public sealed record Resume : Remedy;

    /// <summary>Use a prompt with a model that is not its own.</summary>
    public sealed record AllowMismatch : Remedy;

    /// <summary>Download something from the hub.</summary>
    /// <param name="Name">NAME or OWNER/NAME.</param>
    /// <param name="Revision">Branch, tag or commit; null = main.</param>
    /// <param name="IsDataSet">Whether it is a data set; else a model.</param>
    public sealed record Download(string Name, string? Revision, bool IsDataSet) : Remedy;

    /// <summary>An action that only a person can take, such as freeing space on a disk.</summary>
    /// <param name="What">The action, as the rest of an imperative sentence: <c>free some space</c>.</param>
    public sealed record Act(string What) : Remedy;
}

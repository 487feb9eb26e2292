namespace ResidualPrompts.Server.Http;

/// <summary>Describes a problem reported by the library, and its remedies, for the web page and for answers.</summary>
internal static class ProblemText
{
    internal static string Of(Exception exception) => ShownText.Message(exception is InputException { Remedies: { Count: > 0 } remedies }
        ? $"{exception.Message.TrimEnd('.')}. To do: {string.Join(", or ", remedies.Select(Words))}."
        : exception.Message);

    private static string Words(Remedy remedy) => remedy switch
    {
        Remedy.Act act => act.What,
        Remedy.Overwrite => "start over",
        Remedy.Resume => "resume it",
        Remedy.AllowMismatch => $"set {nameof(PromptServingOptions.AllowMismatch)} to use it anyway",
        Remedy.Download download =>
            $"download the {(download.IsDataSet ? "data set" : "model")} "
                + $"{download.Name}{(download.Revision is null ? "" : $" at {download.Revision}")}",
        Remedy.SetSetting { Value: { } value } setting => $"set {setting.Name} to {value}",
        Remedy.SetSetting setting => $"give another {setting.Name}{(setting.Hint is null ? "" : $": {setting.Hint}")}",
        _ => throw new InvalidOperationException($"{remedy} is not one of the remedies."),
    };
}

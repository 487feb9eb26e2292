using System.Text.RegularExpressions;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Rendering;

/// <summary>Translates problems reported by the libraries for the command line: settings become options, remedies become sentences.</summary>
internal static class RemedyText
{
    private const string Give = "give ";

    /// <summary>The problem and its remedies.</summary>
    internal static string Of(InputException exception) => WithRemedies(Problem(exception), exception.Remedies);

    /// <summary>A warning's message, with options instead of settings.</summary>
    internal static string Of(WarningRaised warning)
    {
        var text = warning.Message;
        foreach (var remedy in warning.Remedies)
        {
            // "set skip to true" is not "set --no-skip to true", but "skip has no effect" is of the option.
            if (SettingHelp.All.FirstOrDefault(help => help.Setting.Key == remedy.Name) is { } help
                && (!help.Setting.IsFlag || warning.Symptom == TrainingSymptom.InertSetting))
                text = Regex.Replace(text, $@"\b{remedy.Name}\b", help.OptionName);
        }

        return text;
    }

    private static string Problem(InputException exception) => exception switch
    {
        RunSpecException { Problems: { Count: > 0 } problems } =>
            string.Join("\n", problems.Select(problem => $"{OptionOf(problem.Key)} {problem.Message}.")),
        _ => exception.Message,
    };

    private static string WithRemedies(string problem, IReadOnlyList<Remedy> remedies)
    {
        var downloads = remedies.OfType<Remedy.Download>().Select(download => $"Download it while online: {CommandOf(download)}.").ToArray();
        var others = Alternatives([.. remedies.Where(remedy => remedy is not Remedy.Download).Select(Clause)]);
        if (others.Length == 0)
            return string.Join(' ', [problem, .. downloads]);
        if (downloads.Length > 0)
            return string.Join(' ', [problem, .. downloads, $"Or {others}."]);
        // A second colon in one sentence would be ambiguous.
        return problem.Contains(": ", StringComparison.Ordinal)
            ? $"{problem.TrimEnd('.')}. {char.ToUpperInvariant(others[0])}{others[1..]}."
            : $"{problem.TrimEnd('.')}: {others}.";
    }

    /// <summary>Joins clauses as "a, b, or c"; of consecutive clauses with "give" only the first keeps the word.</summary>
    private static string Alternatives(string[] clauses)
    {
        for (var i = clauses.Length - 1; i > 0; i--)
        {
            if (clauses[i].StartsWith(Give, StringComparison.Ordinal) && clauses[i - 1].StartsWith(Give, StringComparison.Ordinal))
                clauses[i] = clauses[i][Give.Length..];
        }

        return clauses.Length < 2 ? string.Concat(clauses) : $"{string.Join(", ", clauses[..^1])}, or {clauses[^1]}";
    }

    private static string Clause(Remedy remedy) => remedy switch
    {
        Remedy.Act act => act.What,
        Remedy.Overwrite => $"{Give}--overwrite to start over",
        Remedy.Resume => $"{Give}--resume to continue",
        Remedy.AllowMismatch => $"{Give}--allow-mismatch to use it anyway",
        Remedy.SetSetting { Value: "true" } flag => $"{Give}{OptionOf(flag.Name)}{(flag.Hint is null ? "" : $" if {flag.Hint}")}",
        Remedy.SetSetting { Value: { } value } setting => $"{Give}{OptionOf(setting.Name)} {value}{UnitOf(setting.Name)}",
        Remedy.SetSetting { Hint: { } hint } setting => $"{Give}{OptionOf(setting.Name)} with {hint}",
        Remedy.SetSetting setting => $"{Give}another {OptionOf(setting.Name)}",
        _ => throw new InvalidOperationException($"{remedy} is not one of the remedies."),
    };

    private static string CommandOf(Remedy.Download download) =>
        "hub download "
            + $"{download.Name}{(download.IsDataSet ? " --data-set" : "")}{(download.Revision is null ? "" : $" --revision {download.Revision}")}";

    private static string? UnitOf(string name) => SettingHelp.All.FirstOrDefault(help => help.Setting.Key == name)?.Unit;

    private static string OptionOf(string name) =>
        SettingHelp.OptionNameOf(name) ?? $"--{name.Replace('_', '-')}";
}

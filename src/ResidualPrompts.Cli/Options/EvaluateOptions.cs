using System.CommandLine;
using ResidualPrompts.Data;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Options;

/// <summary>The options of <c>evaluate</c> for a model without a run: the model, a prompt, and how the task's rows become text.</summary>
internal sealed class EvaluateOptions
{
    /// <summary>The settings of a run that also act on an evaluation without one.</summary>
    private static readonly string[] Keys =
        ["revision", "template", "label_words", "label_field", "max_input_length", "evaluation", "compat", "encoding", "data_revision"];

    private readonly Option<string?> _model = new("--model")
    {
        Description = "Evaluate this model instead of runs, alone or with --prompt: a bundled model (t5-nano), a Hugging Face folder, a model on the "
            + "hub, or the directory of a run that trained weights.",
        HelpName = "NAME|DIR",
    };

    private readonly Option<string?> _prompt = new("--prompt")
    {
        Description = "With --model: a trained prompt: a run or PEFT adapter directory, .npy [P, H], .safetensors, or TGIS encoder.pt. "
            + "Default: the model without a prompt.",
        HelpName = "FILE|DIR",
    };

    private readonly SettingOptionSet _settings = new(Keys, "With --model: ");

    internal EvaluateOptions(Command command)
    {
        command.Options.Add(_model);
        command.Options.Add(_prompt);
        _settings.AddTo(command);
    }

    internal string? Prompt(ParseResult parsed) => parsed.GetValue(_prompt);

    /// <summary>Maximum input tokens; null when not given.</summary>
    internal int? MaxInputLength(ParseResult parsed) => IsGiven(parsed, "max_input_length") ? Read(parsed).MaxInputLength : null;

    /// <summary>What to evaluate; null when it is runs.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="hasRuns">Whether run directories are given.</param>
    /// <param name="task">The task, or null.</param>
    /// <param name="data">The data, or null.</param>
    /// <param name="files">Files of single splits.</param>
    /// <exception cref="UsageException">Neither runs nor a model are given, or both, or an option that needs a model.</exception>
    internal RunSpec? Model(
        ParseResult parsed, bool hasRuns, string? task, string? data, IReadOnlyDictionary<DataSplit, string> files)
    {
        if (parsed.GetValue(_model) is { } model)
        {
            if (hasRuns)
                throw new UsageException($"Run directories and --model exclude each other: a run has its own model.");
            if (task is null && data is null && files.Count == 0)
                throw new UsageException($"--model needs --task with the name of a task, or --data with rows of token ids.");
            return Read(parsed) with
            {
                Model = RunDirectory.ModelIn(model),
                Task = task,
                Data = data,
                Train = files.GetValueOrDefault(DataSplit.Train),
                Validation = files.GetValueOrDefault(DataSplit.Validation),
                TestFile = files.GetValueOrDefault(DataSplit.Test),
            };
        }

        if (!hasRuns)
            throw new UsageException($"Nothing to evaluate: give run directories, or --model with --task.");
        var given = _settings.Options.Prepend(_prompt).FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return given is null ? null : throw new UsageException($"{given.Name} needs --model, which is not given: a run has its own settings.");
    }

    private bool IsGiven(ParseResult parsed, string key) =>
        parsed.GetResult(_settings.OptionOf(key)) is { Implicit: false };

    private RunSpec Read(ParseResult parsed) => RunSpecJson.Read(_settings.Values(parsed), "options");
}

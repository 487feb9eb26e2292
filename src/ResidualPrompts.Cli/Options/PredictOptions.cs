using System.CommandLine;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Options;

/// <summary>The options of <c>predict</c> that say which rows are predicted, and where the predictions go.</summary>
internal sealed class PredictOptions
{
    private const string Skip = "skip";
    private const string Stop = "stop";

    private readonly Argument<string[]> _texts = new("TEXT") { Description = "Texts to predict. Default: the lines of --input or of standard input.", Arity = ArgumentArity.ZeroOrMore };

    private readonly Option<string?> _input = new("--input")
    {
        Description = "File of rows (.jsonl, .csv, .tsv, .parquet, also .gz, with the fields of the task) or of text, one a line. Default: standard input, text.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "File to write (.jsonl, .csv, .tsv, .parquet): the columns of --input and the prediction's beside them. Default: standard output, JSON lines.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _resume = new("--resume") { Description = "Go on where --output stopped, after a kill or an error; nothing happens when it is finished." };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Start --output anew when it exists." };

    private readonly Option<string> _onError = new("--on-error")
    {
        Description = "At a bad row stop, or skip it: it goes with number and reason to OUTPUT.errors.jsonl, without --output to standard error.",
        DefaultValueFactory = _ => Stop,
    };

    private readonly Option<string> _prefix = new("--prefix")
    {
        Description = "What goes before the names of the prediction's columns, where the input has columns of the same name.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<string> _encoding = SharedOptions.Encoding();

    internal PredictOptions(Command command)
    {
        _onError.OnlyFrom(Stop, Skip);
        command.Arguments.Add(_texts);
        foreach (var option in new Option[] { _input, _output, _resume, _overwrite, _onError, _prefix, _encoding })
            command.Options.Add(option);
    }

    internal string[] Texts(ParseResult parsed) => parsed.GetValue(_texts) ?? [];

    internal string? Input(ParseResult parsed) => parsed.GetValue(_input);

    internal string? Output(ParseResult parsed) => parsed.GetValue(_output);

    internal string Prefix(ParseResult parsed) => parsed.GetValue(_prefix)!;

    internal bool SkipsBadRows(ParseResult parsed) => parsed.GetValue(_onError) == Skip;

    /// <summary>How rows are read that go to standard output.</summary>
    internal ReadOptions Reading(ParseResult parsed, Action<BadRow> onBadRow) => new()
    {
        Encoding = TextEncoding.Parse(parsed.GetValue(_encoding)!).ToEncoding(),
        OnBadRow = SkipsBadRows(parsed) ? onBadRow : null,
    };

    /// <summary>What is asked for with --output.</summary>
    internal PredictionJobOptions Spec(ParseResult parsed) => new()
    {
        Input = Input(parsed)!,
        Output = Output(parsed)!,
        Mode = parsed.GetValue(_overwrite) ? RunMode.Overwrite : parsed.GetValue(_resume) ? RunMode.Resume : RunMode.New,
        Encoding = TextEncoding.Parse(parsed.GetValue(_encoding)!).ToEncoding(),
        SkipsBadRows = SkipsBadRows(parsed),
        Prefix = Prefix(parsed),
    };

    /// <exception cref="UsageException">Options exclude each other, or one acts on another that is not given.</exception>
    internal void Check(ParseResult parsed, bool isSubmission)
    {
        var hasTexts = Texts(parsed).Length > 0;
        if (hasTexts && Input(parsed) is not null)
            throw new UsageException("Texts and --input exclude each other.");
        if (isSubmission && (hasTexts || Input(parsed) is not null || Output(parsed) is not null))
            throw new UsageException("--submission predicts the test split into its zip; texts, --input and --output exclude it.");
        if (parsed.GetValue(_resume) && parsed.GetValue(_overwrite))
            throw new UsageException("--overwrite and --resume exclude each other.");
        if (Output(parsed) is null && (parsed.GetValue(_resume) || parsed.GetValue(_overwrite)))
            throw new UsageException($"{(parsed.GetValue(_resume) ? "--resume" : "--overwrite")} acts on --output, which is not given.");
        if (Output(parsed) is not null && Input(parsed) is null)
            throw new UsageException("--output needs --input FILE; predictions of standard input or of texts go to standard output, which you can redirect.");
    }
}

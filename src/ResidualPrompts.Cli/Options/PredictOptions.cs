using System.CommandLine;
using System.CommandLine.Parsing;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Options;

/// <summary>The input and output options of <c>predict</c>.</summary>
internal sealed class PredictOptions
{
    private const string Skip = "skip";
    private const string Stop = "stop";

    private readonly Argument<string[]> _texts = new("TEXT")
    {
        Description = "Texts to predict. Default: the rows of --input or standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _input = new("--input")
    {
        Description = "File of rows with the task's fields (.jsonl, .csv, .tsv or .parquet, also .gz), or of plain text lines. "
            + "Default, and with -: text lines on standard input.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _output = new("--output")
    {
        Description = "File to write (.jsonl, .csv, .tsv or .parquet): the columns of --input, then those of the prediction. "
            + "Default: JSON lines on standard output.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _resume = new("--resume") { Description = "Continue an interrupted --output; a finished one is left unchanged." };
    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replace --output if it exists." };

    private readonly Option<string> _onError = new("--on-error")
    {
        Description = "On a bad row: stop, or skip it and report its number and the reason in OUTPUT.errors.jsonl (without --output on "
            + "standard error).",
        DefaultValueFactory = _ => Stop,
    };

    private readonly Option<string> _prefix = new("--prefix")
    {
        Description = "Prefix of the prediction's column names, for inputs that have columns of the same names.",
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

    internal string? Input(ParseResult parsed) => StandardInput.OrFile(parsed.GetValue(_input));

    internal string? Output(ParseResult parsed) => parsed.GetValue(_output);

    internal string Prefix(ParseResult parsed) => parsed.GetValue(_prefix)!;

    internal bool SkipsBadRows(ParseResult parsed) => parsed.GetValue(_onError) == Skip;

    /// <summary>Read options for predictions that go to standard output.</summary>
    internal ReadOptions Reading(ParseResult parsed, Action<BadRow> onBadRow) => new()
    {
        Encoding = TextEncoding.Parse(parsed.GetValue(_encoding)!).ToEncoding(),
        OnBadRow = SkipsBadRows(parsed) ? onBadRow : null,
    };

    /// <summary>The prediction job that <c>--output</c> requests.</summary>
    internal PredictionJobOptions Spec(ParseResult parsed) => new()
    {
        Input = Input(parsed)!,
        Output = Output(parsed)!,
        Mode = parsed.GetValue(_overwrite) ? RunMode.Overwrite : parsed.GetValue(_resume) ? RunMode.Resume : RunMode.New,
        Encoding = TextEncoding.Parse(parsed.GetValue(_encoding)!).ToEncoding(),
        SkipsBadRows = SkipsBadRows(parsed),
        Prefix = Prefix(parsed),
    };

    /// <exception cref="UsageException">Options exclude each other, or one requires another that is not given.</exception>
    internal void Check(ParseResult parsed, bool isSubmission)
    {
        var hasTexts = Texts(parsed).Length > 0;
        if (!parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash))
            RequireNoPath(Texts(parsed));
        if (hasTexts && parsed.GetValue(_input) is not null)
            throw new UsageException($"Texts and --input exclude each other.");
        if (isSubmission && (hasTexts || parsed.GetValue(_input) is not null || Output(parsed) is not null))
            throw new UsageException($"--submission writes predictions for the test split and cannot be combined with texts, --input or --output.");
        if (parsed.GetValue(_resume) && parsed.GetValue(_overwrite))
            throw new UsageException($"--overwrite and --resume exclude each other.");
        if (Output(parsed) is null && (parsed.GetValue(_resume) || parsed.GetValue(_overwrite)))
            throw new UsageException($"{(parsed.GetValue(_resume) ? "--resume" : "--overwrite")} requires --output, which is not given.");
        if (Output(parsed) is not null && Input(parsed) is null)
            throw new UsageException(
                $"--output requires --input FILE. Predictions for texts or standard input go to standard output, which you can redirect.");
    }

    /// <summary>What exists under the name of a text was meant: a second run, or a file of rows.</summary>
    private static void RequireNoPath(string[] texts)
    {
        foreach (var text in texts)
        {
            var (kind, remedy) = RunDirectory.Is(text) ? ("run directory", "predict takes one run; evaluate takes several")
                : Directory.Exists(text) ? ("folder", "to predict the rows of a file in it, give --input FILE")
                : File.Exists(text) ? ("file", "to predict its rows, give --input FILE")
                : ("", "");
            if (kind.Length > 0)
            {
                throw new UsageException(
                    $"'{ShownText.Value(text)}' is a {kind}, not a text: {remedy}. To predict it as a text all the same, put -- before it.");
            }
        }
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using ResidualPrompts.Backbones;
using ResidualPrompts.Cli.Commands;
using ResidualPrompts.Cli.Commands.Bench;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Compute;
using ResidualPrompts.Hub.Download;
using ResidualPrompts.Native;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli;

/// <summary>The root command, and what all commands share: exit codes, error messages, threads.</summary>
internal static class CommandLine
{
    private const string OutOfMemory = "Out of memory. Shorten the longest input, or use a machine with more memory.";

    internal static readonly Option<bool> Verbose = new("--verbose") { Description = "Print the stack trace of a failure.", Recursive = true };

    private static readonly Option<int?> Threads = new("--threads")
    {
        Description = $"Number of compute threads. Default: the physical cores available to this process ({ComputeThreads.Default}).",
        HelpName = "N",
        Recursive = true,
    };

    private static readonly Option<string?> Compute = new("--compute")
    {
        Description = "Kernels for matrix products, norms and attention: auto (for each operation the faster ones on this processor), libtorch, or "
            + $"managed (this program's own, which need AVX2). Results agree up to rounding. Default: {ComputeChoice.Variable}, or auto.",
        HelpName = "WHO",
        Recursive = true,
    };

    private static readonly Option<bool> NoPreparedCache = new("--no-prepared-cache")
    {
        Description = "Prepare the weights of a frozen model in memory instead of in the cache folder that all processes share.",
        Recursive = true,
    };

    private static readonly Regex OptionLike = new("^--[a-zA-Z][a-zA-Z0-9-]*(=.*)?$", RegexOptions.Singleline);

    static CommandLine() => Compute.OnlyFrom([.. ComputeChoice.Names]);

    /// <summary>All commands with their options.</summary>
    internal static RootCommand Root()
    {
        var root = Commands();
        foreach (var help in root.Options.OfType<HelpOption>())
            help.Action = new HelpAction { MaxWidth = HelpWidth.Current };
        return root;
    }

    private static RootCommand Commands() => new("Prompt tuning and residual prompt tuning of T5.")
    {
        DemoCommand.Create(),
        TrainCommand.Create(),
        EvaluateCommand.Create(),
        PredictCommand.Create(),
        CompareCommand.Create(),
        StudyCommand.Create(),
        SweepCommand.Create(),
        ConvertCommand.Create(),
        InspectCommand.Create(),
        ServeCommand.Create(),
        DataCommand.Create(),
        WatchCommand.Create(),
        TasksCommand.Create(),
        ScoreCommand.Create(),
        TokenizeCommand.Create(),
        DoctorCommand.Create(),
        HubCommand.Create(),
        BenchCommand.Create(),
        CompletionCommand.Create(),
        Verbose,
        Threads,
        Compute,
        NoPreparedCache,
        HubAccess.Offline,
    };

    /// <summary>An argument that begins with @ is text like any, not the name of a file with more arguments.</summary>
    internal static ParseResult Parse(string[] args) =>
        Root().Parse(args.Length == 0 ? ["--help"] : args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    internal static int Run(string[] args)
    {
        var parsed = Parse(args);
        try
        {
            if (parsed.Action is HelpAction && parsed.CommandResult.Command.Name == TrainCommand.Name)
                return TrainHelp.Print(parsed.CommandResult.Command);
            if (!args[..Math.Min(1, args.Length)].Any(first => first.StartsWith("[suggest", StringComparison.Ordinal)))
                Check(parsed);
            if (parsed.GetValue(Threads) is { } threads)
                SetThreads(threads);
            if (parsed.GetValue(Compute) is { } policy)
                Environment.SetEnvironmentVariable(ComputeChoice.Variable, policy); // child processes inherit it
            BackboneOptions.Default = new BackboneOptions { PreparedCache = !parsed.GetValue(NoPreparedCache) };
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception e)
        {
            return Report(e, parsed.GetValue(Verbose));
        }
    }

    /// <summary>Reports the first mistake in the options. Help and version work regardless of the other options.</summary>
    internal static void Check(ParseResult parsed)
    {
        if (parsed.Action is HelpAction || parsed.Action?.GetType().Name == "VersionOptionAction")
            return;
        var help = $"See '{Path(parsed.CommandResult)} --help'.";
        if (parsed.UnmatchedTokens is [var unknown, ..])
            RequireKnown(unknown, parsed, help);
        if (parsed.Errors.Count > 0)
            throw new UsageException($"{Shortened(Plain(parsed.Errors[0].Message), parsed)} {help}");
        RequireNoUnknownOption(parsed, help);
        RequireNoEmptyValue(parsed, help);
        if (parsed.GetValue(Compute) is null)
            _ = ComputeChoice.OfProcess; // throws if the environment variable is invalid
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as CommandResult)
        {
            if (command.Children.OfType<OptionResult>().FirstOrDefault(option => option.IdentifierTokenCount > 1) is { } twice)
                throw new UsageException($"{twice.Option.Name} was given {twice.IdentifierTokenCount} times, expected once. {help}");
        }
    }

    /// <summary>A word that nothing takes is a misspelled option, or a misspelled command where only commands are expected.</summary>
    private static void RequireKnown(string unknown, ParseResult parsed, string help)
    {
        var command = parsed.CommandResult.Command;
        string Meant(IEnumerable<string> names) => NearestName.Of(unknown.Split('=')[0], names) is { } nearest ? $"; did you mean {nearest}?" : "";
        if (OptionLike.IsMatch(unknown))
        {
            var options = command.Options.Concat(Root().Options.Where(option => option.Recursive)).Where(option => !option.Hidden);
            var nearest = Meant(options.Select(option => option.Name));
            throw new UsageException($"Unknown option '{ShownText.Value(unknown.Split('=')[0])}'{(nearest.Length > 0 ? nearest : ".")} {help}");
        }

        if (command.Subcommands.Count > 0)
        {
            string[] names = [.. command.Subcommands.Select(one => one.Name)];
            throw new UsageException(
                $"Unknown command '{ShownText.Value(unknown)}', expected one of {string.Join(", ", names)}{Meant(names)}"
                + $"{(Meant(names).Length > 0 ? "" : ".")} {help}");
        }
    }

    /// <summary>A parser message without .NET type names. Numbers are the only values that the parser converts.</summary>
    private static string Plain(string message) =>
        message.IndexOf(" as expected type", StringComparison.Ordinal) is > 0 and var end ? $"{message[..end]}: expected a whole number." : message;

    /// <summary>An argument takes any text, but one that looks like an option is a misspelled option, unless it stands after <c>--</c>.</summary>
    private static void RequireNoUnknownOption(ParseResult parsed, string help)
    {
        var literal = parsed.Tokens.SkipWhile(token => token.Type != TokenType.DoubleDash).ToArray();
        foreach (var token in parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens))
        {
            if (!OptionLike.IsMatch(token.Value) || literal.Contains(token))
                continue;
            var name = token.Value.Split('=')[0];
            var nearest = NearestName.Of(name, [.. parsed.CommandResult.Command.Options.Select(option => option.Name)]);
            throw new UsageException(
                $"Unknown option '{ShownText.Value(name)}'{(nearest is null ? "." : $"; did you mean {nearest}?")} "
                + $"To give it as an argument, put -- before it. {help}");
        }
    }

    /// <summary>
    /// A value that is empty, such as that of a variable of a script which is not set, names no file, run or number. Only a text may be empty.
    /// </summary>
    private static void RequireNoEmptyValue(ParseResult parsed, string help)
    {
        const string Text = "TEXT";
        static bool HasEmpty(SymbolResult result) => result.Tokens.Any(token => token.Value.Length == 0);
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as CommandResult)
        {
            foreach (var option in command.Children.OfType<OptionResult>().Where(HasEmpty).Select(result => result.Option))
            {
                var placeholder = option.HelpName is { } name ? $" ({name})" : "";
                if (!option.Hidden && option.HelpName != Text)
                    throw new UsageException($"{option.Name} needs a value{placeholder}, not an empty text. {help}");
            }

            if (command.Children.OfType<ArgumentResult>().FirstOrDefault(HasEmpty) is { Argument: { Name: not Text } argument })
                throw new UsageException($"{argument.Name} is empty, expected a value. {help}");
        }
    }

    /// <summary>A parser message with the beginning of each long argument.</summary>
    private static string Shortened(string message, ParseResult parsed) => parsed.Tokens.Select(token => token.Value)
        .Where(token => token.Length > ShownText.LongestValue)
        .Aggregate(message, (text, token) => text.Replace(token, ShownText.Value(token), StringComparison.Ordinal));

    private static void SetThreads(int count)
    {
        if (count is < 1 or > ComputeThreads.Maximum)
            throw new UsageException($"--threads is {count}, expected 1 to {ComputeThreads.Maximum}.");
        ComputeThreads.Set(count);
    }

    private static string Path(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{Path(parent)} {command.Command.Name}" : "residual-prompts";

    /// <summary>Tells the user of an exception.</summary>
    /// <returns>The exit code.</returns>
    internal static int Report(Exception e, bool verbose)
    {
        if (e is IOException io && StandardOutput.IsReaderGone(io))
            return ExitCode.ReaderGone;
        var (message, code) = e switch
        {
            NativeLibraryException or TrainingDivergedException or MeasurementException or HubTransferException => (e.Message, ExitCode.Failed),
            InputException input => (RemedyText.Of(input), ExitCode.BadInput),
            OperationCanceledException => ("Stopped. Run the same command again to continue.", ExitCode.Interrupted),
            OutOfMemoryException => (OutOfMemory, ExitCode.Failed),
            ExternalException when IsOutOfMemory(e.Message) => (OutOfMemory, ExitCode.Failed),
            IOException => ($"Input or output failed: {e.Message}", ExitCode.Failed),
            UnauthorizedAccessException => ($"Input or output was refused: {e.Message}", ExitCode.BadInput),
            _ => ($"{FirstLine(e.Message)} (unexpected {e.GetType().Name}; --verbose shows where)", ExitCode.Failed),
        };
        Console.Error.WriteLine($"error: {ShownText.Message(message)}");
        if (verbose)
            Console.Error.WriteLine(e);
        return code;
    }

    /// <summary>libtorch's allocator says "not enough memory" on Windows and "can't allocate memory" elsewhere.</summary>
    private static bool IsOutOfMemory(string message) =>
        message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase)
            || message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase);

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}

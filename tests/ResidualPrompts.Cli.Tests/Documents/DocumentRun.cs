using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>What a document's command or C# gave.</summary>
/// <param name="Document">The document.</param>
/// <param name="Place">The place in it, and the command.</param>
/// <param name="Result">What it gave.</param>
/// <param name="IsCSharp">Whether it is C#.</param>
public sealed record DocumentResult(string Document, string Place, ProgramResult Result, bool IsCSharp = false);

/// <summary>
/// All commands and blocks of C# of the guides that <see cref="CommandTables"/> does not list, executed in the order of reading, each document in an
/// empty folder of its own. The folder is the process's working folder meanwhile, so nothing else may run.
/// </summary>
public sealed class DocumentRun : IAsyncLifetime
{
    private readonly TemporaryFolder _scratch = new();
    private readonly string _home = Directory.GetCurrentDirectory();

    internal List<DocumentResult> Results { get; } = [];

    /// <summary>The commands that are not executed.</summary>
    internal List<string> ListedCommands { get; } = [];

    public async ValueTask InitializeAsync()
    {
        foreach (var document in Document.Guides)
        {
            Directory.SetCurrentDirectory(Directory.CreateDirectory(_scratch.File(document.Name)).FullName);
            foreach (var (name, content) in document.ShownFiles().Concat(
                CommandTables.Files.Where(file => file.Document == document.Name).Select(file => (file.Path, file.Content))))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(name))!);
                await File.WriteAllTextAsync(name, content);
            }

            ListedCommands.AddRange(document.Commands.Where(IsListed).Select(command => command.Place));
            var prepared = CommandTables.Prepared.Where(row => row.Document == document.Name)
                .Select(row => new ShellCommand(document, 0, ShellCommand.Ours, [.. ShellCommand.Split(row.Command)]));
            foreach (var command in prepared.Concat(document.Commands.Where(command => !IsListed(command))))
                Results.Add(new DocumentResult(document.Path, command.Place, await Run(command)));
            foreach (var example in CSharpExample.Of(document).Where(example => !IsListed(example)))
                Results.Add(new DocumentResult(document.Path, example.Place, await Run(example), IsCSharp: true));
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.SetCurrentDirectory(_home);
        _scratch.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool IsListed(ShellCommand command) =>
        CommandTables.NotRun.Any(row => command.Text.StartsWith(row.Begins, StringComparison.Ordinal));

    private static bool IsListed(CSharpExample example) =>
        CommandTables.CSharpNotRun.Any(row => example.Code.Contains(row.Contains, StringComparison.Ordinal));

    private async Task<ProgramResult> Run(ShellCommand command)
    {
        if (!command.IsOurs)
            return new ProgramResult(-1, "", "Another program, and CommandTables.NotRun does not list it.");
        var arguments = Cheap([.. command.Arguments
            .Select(word => CommandTables.Placeholders.FirstOrDefault(row => row.Word == word).Instead ?? word)]);
        foreach (var word in arguments)
            FetchRun(word);
        var input = command.InputFile is { } file ? await File.ReadAllBytesAsync(file)
            : command.Producer is { } producer ? System.Text.Encoding.UTF8.GetBytes(CommandTables.Producers[producer]) : [];
        return await InProcess.RunWith(input, arguments);
    }

    private static Task<ProgramResult> Run(CSharpExample example)
    {
        var code = CommandTables.ChangedCode.Aggregate(example.Code, (text, row) => text.Replace(row.Code, row.Instead, StringComparison.Ordinal));
        return InProcess.Of(() =>
        {
            try
            {
                return (example with { Code = code }).Run();
            }
            catch (Exception e)
            {
                Console.Error.WriteLine(e);
                return ExitCode.Failed;
            }
        });
    }

    private static string[] Cheap(List<string> arguments)
    {
        void Replace(string option, string value)
        {
            if (arguments.IndexOf(option) is >= 0 and var at)
                arguments[at + 1] = value;
        }

        foreach (var (option, value) in CommandTables.CheapValues)
            Replace(option, value);
        foreach (var (option, flag, value) in CommandTables.CheapTraining)
        {
            Replace(option, value);
            Replace(flag, value);
            if (arguments[0] == "train" && !arguments.Contains(option) && !arguments.Contains(flag))
                arguments.AddRange([option, value]);
        }

        return [.. arguments];
    }

    /// <summary>A run that this document has not made is the one that the latest earlier document has made.</summary>
    private void FetchRun(string word)
    {
        if (word.Split('/') is not ["runs", var name, ..] || Directory.Exists(Path.Combine("runs", name)))
            return;
        var earlier = Document.Guides.Select(document => _scratch.File(document.Name, "runs", name)).LastOrDefault(Directory.Exists);
        foreach (var file in earlier is null ? [] : Directory.GetFiles(earlier, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine("runs", name, Path.GetRelativePath(earlier!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}

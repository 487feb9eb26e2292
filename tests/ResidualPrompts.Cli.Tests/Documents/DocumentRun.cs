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

    /// <summary>Requests that the hub of the documents got.</summary>
    internal int HubRequestCount { get; private set; }

    public async ValueTask InitializeAsync()
    {
        await using var hub = await DocumentHub.StartAsync(_scratch.File("hub"));
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
            ShellCommand[] commands = [.. prepared, .. document.Commands.Where(command => !IsListed(command))];
            for (var i = 0; i < commands.Length; i++)
            {
                // Requests to a server follow it.
                ShellCommand[] requests = [.. commands[(i + 1)..].TakeWhile(command => command.Program == "curl")];
                Results.Add(new DocumentResult(document.Path, commands[i].Place, await Run(commands[i], requests)));
                i += requests.Length;
            }

            foreach (var example in CSharpExample.Of(document).Where(example => !IsListed(example)))
                Results.Add(new DocumentResult(document.Path, example.Place, await Run(example), IsCSharp: true));
        }

        HubRequestCount = hub.RequestCount;
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

    private async Task<ProgramResult> Run(ShellCommand command, ShellCommand[] requests)
    {
        if (!command.IsOurs)
            return new ProgramResult(-1, "", "Another program, and CommandTables.NotRun does not list it.");
        string[] arguments = [.. command.Arguments.Select(word => CommandTables.Replaced.FirstOrDefault(row => row.Word == word).Instead ?? word),
            .. AddedTo(command)];
        foreach (var word in arguments)
            FetchRun(word);
        if (command.IsSourced)
            return await Source(arguments);
        if (command.Arguments[0] == "serve" && !command.Arguments.Contains("--load-test"))
            return await DocumentServer.Run(arguments, requests);
        var input = command.InputFile is { } file ? await File.ReadAllBytesAsync(file)
            : command.Producer is { } producer ? System.Text.Encoding.UTF8.GetBytes(CommandTables.Producers[producer]) : [];
        return await InProcess.RunWith(input, arguments);
    }

    private static string[] AddedTo(ShellCommand command) => command.Arguments.Contains("--max-steps") ? []
        : CommandTables.Added.FirstOrDefault(row => command.Text.StartsWith(row.Begins, StringComparison.Ordinal)).Added ?? [];

    /// <summary>What a shell takes over with <c>source &lt;(residual-prompts …)</c>, and what it completes then.</summary>
    private static async Task<ProgramResult> Source(string[] arguments)
    {
        var shell = new ProgramProcess("/bin/bash") { Folder = Directory.GetCurrentDirectory(), Environment = Program.Process.Environment };
        var result = await shell.Run("-c", $"PATH='{AppContext.BaseDirectory}':$PATH; source <({ShellCommand.Ours} {string.Join(' ', arguments)}) && "
            + $"COMP_LINE='{ShellCommand.Ours} comp' COMP_POINT=21 COMP_WORDS=({ShellCommand.Ours} comp) COMP_CWORD=1 && _residual_prompts && "
            + "echo \"${COMPREPLY[*]}\"");
        return result.Output.Contains("compare", StringComparison.Ordinal) ? result : result with { ExitCode = ExitCode.Failed };
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

    /// <summary>A run that this document has not made is the one that the latest earlier document has made.</summary>
    private void FetchRun(string word)
    {
        if (word == "runs" && !Directory.Exists(word))
            FetchRun("runs/first"); // the folder that the reader has
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

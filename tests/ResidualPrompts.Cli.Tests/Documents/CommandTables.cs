using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>All that <see cref="DocumentRunTests"/> does otherwise than a reader who types the commands of the documents.</summary>
internal static class CommandTables
{
    /// <summary>Commands that are parsed and not executed: how they begin, and why. With <see cref="Replaced"/> at most ten.</summary>
    internal static readonly (string Begins, string Reason)[] NotRun =
    [
        ("residual-prompts demo", "trains for more than a minute and takes no number of steps; its run is prepared below"),
        ("residual-prompts bench", "measures for a long time; BenchTests runs the measurements on tiny models"),
        ("dotnet test", "runs these tests"),
        ("dotnet pack", "builds the tool"),
        ("residual-prompts sweep run", "trains in processes of its own, for half an hour; SweepRunTests and HalvingTests train smaller sweeps"),
        ("residual-prompts sweep retry", "has failed runs to train; SweepRunTests has some"),
        ("dotnet tool install", "installs what 'dotnet pack' has built"),
        ("export PATH", "names the installed tool; the test names the one that it tests"),
    ];

    /// <summary>Words of commands that are replaced.</summary>
    internal static readonly (string Word, string Instead, string Reason)[] Replaced =
    [
        ("/home/%u/my_dir/", "my_dir/", "the home of the user who runs the tests"),
        ("20000", "64", "the requests of the load test, which takes a minute"),
    ];

    /// <summary>
    /// What is added at the end of commands that begin so, which otherwise run word for word: a long training ends after some steps, and a server
    /// takes any free port.
    /// </summary>
    internal static readonly (string Begins, string[] Added)[] Added =
    [
        ("residual-prompts train", ["--max-steps", "5"]),
        ("residual-prompts sweep plan", ["--quick"]),
        ("residual-prompts serve --model t5-nano --prompts", ["--port", "0"]),
        ("residual-prompts serve --runs", ["--port", "0"]),
    ];

    /// <summary>Blocks of C# that are compiled and not executed: what they contain, and why.</summary>
    internal static readonly (string Contains, string Reason)[] CSharpNotRun =
    [
        ("new HubDownloader(", "needs the network"),
        ("AddPromptServing(", "serves until it is stopped; the tests of the server and samples/04-inside-your-app do that"),
    ];

    /// <summary>Less work for C#; and an answer that the document only describes is printed.</summary>
    internal static readonly (string Code, string Instead)[] ChangedCode =
    [
        ("Epochs = 1,", "Epochs = 1, FewShot = 4, ValidationPerClass = 4,"),
        ("// answer.Label,", "\nConsole.WriteLine(answer.Label); //"),
    ];

    /// <summary>What a program before a <c>|</c> writes.</summary>
    internal static readonly Dictionary<string, string> Producers = new() { ["some-program"] = "a warm and funny film\na dull film\n" };

    private static readonly string Reviews = "body,stars\n"
        + string.Concat(Enumerable.Range(0, 12).Select(i => $"a warm film {i},5\na dull film {i},1\n"));
    private static string Sample(string name) => File.ReadAllText(Path.Combine(Snapshot.Repository(), "samples", name));

    private const string NewRows = "body\na warm and funny film\na dull film\n";

    /// <summary>Files that a document takes for granted and does not show.</summary>
    internal static readonly (string Document, string Path, string Content)[] Files =
    [
        ("README.md", "reviews.csv", Reviews),
        ("README.md", "new.csv", NewRows),
        ("README.md", "rows.jsonl", "{\"text\": \"a clumsy script .\"}\n"),
        ("README.md", "text.txt", "a clumsy script .\n"),
        ("your-own-data.md", "reviews.csv", Reviews),
        ("your-own-data.md", "new.csv", NewRows),
        ("your-own-data.md", "held-out/reviews.tsv", "body\tstars\na fine film\t5\na poor film\t1\n"),
        ("your-own-data.md", "benchmark/reviews.jsonl", "{\"body\":\"a good film\",\"stars\":5}\n{\"body\":\"a bad film\",\"stars\":1}\n"),
        ("own-task.md", "reviews/train.csv", Reviews),
        ("own-task.md", "reviews/validation.csv", Reviews),
        ("predict.md", "new.csv", NewRows),
        ("hub.md", "rows.jsonl", "{\"text\": \"a clumsy script .\"}\n"),
        ("sweeps.md", "samples/sweeps/nano.json", Sample("sweeps/nano.json")),
        ("sweeps.md", "samples/sweeps/halving.json", Sample("sweeps/halving.json")),
        ("sweeps.md", "samples/sweeps/paper.json", Sample("sweeps/paper.json")),
    ];

    /// <summary>
    /// What a document takes for granted and a command makes. Runs that an earlier document has made need no row: the reader has them.
    /// </summary>
    internal static readonly (string Document, string Path, string Command)[] Prepared =
    [
        ("README.md", "runs/demo/subj-plain", "train --task subj --model t5-nano --save-dir runs/demo --save-name subj-plain"),
        ("convert.md", "published/sst2.npy", "convert runs/first published/sst2.npy --to npy"),
    ];

    /// <summary>Options in the text that belong to other programs.</summary>
    internal static readonly Dictionary<string, string> OptionsOfOthers = new()
    {
        ["--project"] = "dotnet run",
        ["--allow"] = "eng/compare-programs",
        ["--spider"] = "wget",
    };
}

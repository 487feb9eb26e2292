using System.CommandLine;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Hub;
using ResidualPrompts.Hub.Download;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>hub</c>: downloads ahead of use, and lists the cache.</summary>
internal static class HubCommand
{
    internal static Command Create() =>
        new("hub", "Download models and data sets of the Hugging Face hub, or list its cache, which its Python tools share.")
        {
            Download(), List(),
        };

    private static Command Download()
    {
        var name = new Argument<string>("NAME") { Description = "OWNER/NAME or NAME; for a data set also NAME:CONFIGURATION." };
        var revision = new Option<string?>("--revision") { Description = "Branch, tag or commit. Default: main.", HelpName = "REV" };
        var isDataSet = new Option<bool>("--data-set") { Description = "NAME is a data set, not a model." };
        var command = new Command("download", "Download the required files of a model or data set, and print their folder.")
        {
            name, revision, isDataSet,
        };
        command.SetAction(parsed =>
        {
            var text = parsed.GetValue(name)!;
            var dataSet = parsed.GetValue(isDataSet)
                ? HubDataSetName.TryParse(text)
                    ?? throw new UsageException(
                        $"'{text}' is not the name of a data set, expected OWNER/NAME or NAME, optionally followed by :CONFIGURATION.")
                : null;
            var snapshot = HubAccess.Fetch(HubAccess.Settings(parsed), text, null, [], (hub, stop) => dataSet is null
                ? hub.GetModelAsync(text, parsed.GetValue(revision), ModelParts.All, stop)
                : hub.GetDataSetAsync(dataSet, parsed.GetValue(revision), stop));
            Console.Out.WriteLine(snapshot.Folder);
        });
        return command;
    }

    private static Command List()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON lines instead of a table." };
        var command = new Command("list", "List the models and data sets in the cache with their sizes.") { json };
        command.SetAction(parsed =>
        {
            StandardOutput.Require();
            var folder = HubAccess.Settings(parsed).CacheFolder;
            var repositories = HubListing.Of(folder);
            if (parsed.GetValue(json))
                WriteJson(repositories);
            else
                WriteTable(folder, repositories);
        });
        return command;
    }

    private static void WriteTable(string folder, IReadOnlyList<CachedRepository> repositories)
    {
        Console.Error.WriteLine(
            $"note: {folder} holds {repositories.Count} models and data sets, "
                + $"{FileSize.Text(repositories.Sum(repository => repository.Size + repository.IncompleteSize))}.");
        if (repositories.Count == 0)
            return;
        TextTable.Print(
        [
            ["kind", "name", "size", "unfinished", "revision", "commit", "files"],
            .. repositories.SelectMany(repository => repository.Revisions.DefaultIfEmpty(new CachedRevision("", [], 0, 0))
                .Select((revision, index) => (string[])
                [
                    index > 0 ? "" : repository.Repository.IsDataSet ? "data set" : "model",
                    index > 0 ? "" : repository.Repository.Name,
                    index > 0 ? "" : FileSize.Text(repository.Size),
                    index > 0 || repository.IncompleteSize == 0 ? "" : FileSize.Text(repository.IncompleteSize),
                    string.Join(", ", revision.Names),
                    revision.Commit[..Math.Min(12, revision.Commit.Length)],
                    revision.Commit == "" ? "" : $"{revision.FileCount}",
                ])),
        ]);
    }

    private static void WriteJson(IReadOnlyList<CachedRepository> repositories)
    {
        JsonLineWriter.Run(writer =>
        {
            foreach (var repository in repositories)
            {
                writer.Write(json =>
                {
                    json.WriteString("kind", repository.Repository.IsDataSet ? "data_set" : "model");
                    json.WriteString("name", repository.Repository.Name);
                    json.WriteNumber("size_bytes", repository.Size);
                    json.WriteNumber("incomplete_bytes", repository.IncompleteSize);
                    json.WriteString("folder", repository.Folder);
                    json.WriteStartArray("revisions");
                    foreach (var revision in repository.Revisions)
                    {
                        json.WriteStartObject();
                        json.WriteString("commit", revision.Commit);
                        json.WriteStartArray("names");
                        foreach (var name in revision.Names)
                            json.WriteStringValue(name);
                        json.WriteEndArray();
                        json.WriteNumber("file_count", revision.FileCount);
                        json.WriteNumber("size_bytes", revision.Size);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                });
            }
        });
    }
}

using System.CommandLine;
using ResidualPrompts.Adapters;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Files;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>convert</c>: writes a prompt in another format. Needs no model.</summary>
internal static class ConvertCommand
{
    private const string CardName = "README.md";

    internal static Command Create()
    {
        var input = new Argument<string>("IN")
        {
            Description = "A run directory, a PEFT adapter directory, or a file: .npy, "
                + "encoder.prompt.prompt.prompt, .safetensors, or TGIS encoder.pt.",
        };
        var output = new Argument<string>("OUT") { Description = "The directory (peft) or file to write; it is replaced if it exists." };
        var to = new Option<string>("--to") { Description = "peft, npy, safetensors or tgis.", HelpName = "FORMAT", Required = true };
        to.OnlyFrom([.. Enum.GetNames<PromptFormat>().Select(name => name.ToLowerInvariant())]);
        var command = new Command("convert", "Convert a prompt to another format without changing its rows.") { input, output, to };
        command.SetAction(parsed => Run(
            RunDirectory.AdapterIn(parsed.GetValue(input)!), parsed.GetValue(output)!,
            Enum.Parse<PromptFormat>(parsed.GetValue(to)!, ignoreCase: true)));
        return command;
    }

    private static void Run(string input, string output, PromptFormat format)
    {
        Check(input, output, format);
        LibTorch.EnsureLoaded();
        using var released = ReleasedPrompt.Read(input);
        SharedOptions.Warn(released.Warnings);
        CreateFolder(format == PromptFormat.Peft ? output : Path.GetDirectoryName(Path.GetFullPath(output))!);
        PromptFile.Write(output, format, released.Prompt, PeftConfig.KnownOf(input, released.Contract), released.Contract);
        var card = Path.Combine(output, CardName);
        if (format == PromptFormat.Peft && File.Exists(card))
            SharedOptions.Warn([$"{card} was there before and may describe another prompt."]);
        if (format != PromptFormat.Peft && released.Contract is not null)
            SharedOptions.Warn(
                [$"{output} does not record the model and task of the prompt. {PromptContract.FileName} of {input} does: keep that file as well."]);
        Console.Error.WriteLine($"{output}: {released.Prompt.VirtualTokenCount} rows of {released.Prompt.HiddenSize}");
    }

    private static void Check(string input, string output, PromptFormat format)
    {
        if (string.Equals(Path.GetFullPath(input).TrimEnd('/'), Path.GetFullPath(output).TrimEnd('/'), StringComparison.Ordinal))
            throw new UsageException($"'{output}' is the input itself: give another output path.");
        if (format == PromptFormat.Peft && File.Exists(output))
            throw new UsageException($"'{output}' is a file, expected a directory: a PEFT adapter is a directory of files.");
        if (format != PromptFormat.Peft && Directory.Exists(output))
            throw new UsageException($"'{output}' is a directory, expected a file to write.");
        if (format != PromptFormat.Peft && OwnerOf(output) is { } owner)
            throw new UsageException(
                $"'{output}' belongs to {owner}, whose other files describe the present rows: give another output path"
                + $"{(owner.StartsWith("the adapter", StringComparison.Ordinal) ? ", or --to peft with the directory." : ".")}");
    }

    /// <summary>The adapter or run that would keep its description beside other rows; null where there is none.</summary>
    private static string? OwnerOf(string output)
    {
        var (path, folder) = (Path.GetFullPath(output), Path.GetDirectoryName(Path.GetFullPath(output))!);
        string[] ofAdapter = [PeftAdapter.WeightsFileName, PeftAdapter.PickledWeightsFileName, PeftConfig.FileName, PromptContract.FileName];
        if (ofAdapter.Contains(Path.GetFileName(path)) && File.Exists(Path.Combine(folder, PeftConfig.FileName)))
            return $"the adapter '{folder}'";
        var run = new RunDirectory(folder);
        return File.Exists(run.Record) && new[] { run.Prompt, run.PromptRows, run.Record, run.Events, run.Metrics }.Contains(path)
            ? $"the run '{folder}'" : null;
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Disk.CreateFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"Cannot create '{folder}': {e.Message}");
        }
    }
}

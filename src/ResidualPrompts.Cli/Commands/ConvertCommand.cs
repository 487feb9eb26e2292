using System.CommandLine;
using ResidualPrompts.Adapters;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Files;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Cli.Commands;

/// <summary><c>convert</c>: a prompt in another format. No model is needed.</summary>
internal static class ConvertCommand
{
    internal static Command Create()
    {
        var input = new Argument<string>("IN") { Description = "A run or PEFT adapter directory, .npy, encoder.prompt.prompt.prompt, .safetensors, or encoder.pt of TGIS." };
        var output = new Argument<string>("OUT") { Description = "The directory to write for peft, else the file. What is there is replaced." };
        var to = new Option<string>("--to") { Description = "peft, npy, safetensors or tgis.", HelpName = "FORMAT", Required = true };
        to.OnlyFrom([.. Enum.GetNames<PromptFormat>().Select(name => name.ToLowerInvariant())]);
        var command = new Command("convert", "Write a prompt in another format; its rows stay what they are.") { input, output, to };
        command.SetAction(parsed => Run(
            RunDirectory.AdapterIn(parsed.GetValue(input)!), parsed.GetValue(output)!, Enum.Parse<PromptFormat>(parsed.GetValue(to)!, ignoreCase: true)));
        return command;
    }

    private static void Run(string input, string output, PromptFormat format)
    {
        Check(input, output, format);
        LibTorch.EnsureLoaded();
        using var released = ReleasedPrompt.Read(input);
        SharedOptions.Warn(released.Warnings);
        CreateFolder(format == PromptFormat.Peft ? output : Path.GetDirectoryName(Path.GetFullPath(output))!);
        PromptFile.Write(output, format, released.Prompt, PeftConfig.KnownOf(input, released.Contract));
        if (format == PromptFormat.Peft)
            released.Contract?.Write(output);
        else if (released.Contract is not null)
            SharedOptions.Warn([$"{output} does not say which model and task the prompt is for, as {PromptContract.FileName} of {input} does: keep that file as well."]);
        Console.Error.WriteLine($"{output}: {released.Prompt.VirtualTokenCount} rows of {released.Prompt.HiddenSize}");
    }

    private static void Check(string input, string output, PromptFormat format)
    {
        if (string.Equals(Path.GetFullPath(input).TrimEnd('/'), Path.GetFullPath(output).TrimEnd('/'), StringComparison.Ordinal))
            throw new UsageException($"'{output}' is the prompt itself: give another place to write to.");
        if (format == PromptFormat.Peft && File.Exists(output))
            throw new UsageException($"'{output}' is a file, expected a directory: a PEFT adapter is a directory of files.");
        if (format != PromptFormat.Peft && Directory.Exists(output))
            throw new UsageException($"'{output}' is a directory, expected a file to write.");
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Disk.CreateFolder(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{folder}' cannot be made: {e.Message}");
        }
    }
}

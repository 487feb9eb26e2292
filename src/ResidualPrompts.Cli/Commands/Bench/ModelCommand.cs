using System.CommandLine;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench model</c>: writes a model folder with random weights of a shape, for any command that takes a model.</summary>
internal static class ModelCommand
{
    internal static Command Create()
    {
        var shape = new Argument<string>("SHAPE") { Description = $"One of {string.Join(", ", ModelShapes.Names)}." };
        var folder = new Argument<string>("DIR") { Description = "The folder to create; if it exists, it must be empty." };
        var seed = BenchOptions.Seed();
        var command = new Command("model",
            "Write a model with random weights of a shape and the bundled tokenizer, as fast as a trained one, for measurements only.")
        {
            shape, folder, seed,
        };
        command.SetAction(parsed =>
        {
            var config = ModelShapes.Find(parsed.GetValue(shape)!);
            var path = parsed.GetValue(folder)!;
            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
                throw new UsageException($"{path} already exists and is not an empty folder: give another one.");
            LibTorch.EnsureLoaded();
            Directory.CreateDirectory(path);
            ShapeFolder.Write(path, config, parsed.GetValue(seed));
        });
        return command;
    }
}

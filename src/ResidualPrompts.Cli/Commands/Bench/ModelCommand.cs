using System.CommandLine;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Commands.Bench;

/// <summary><c>bench model</c>: a model folder of a shape with random weights, for every command that takes a model.</summary>
internal static class ModelCommand
{
    internal static Command Create()
    {
        var shape = new Argument<string>("SHAPE") { Description = $"One of {string.Join(", ", ModelShapes.Names)}." };
        var folder = new Argument<string>("DIR") { Description = "The folder to make; it must not exist, or be empty." };
        var seed = BenchOptions.Seed();
        var command = new Command("model", "Write a model of a shape with random weights and the bundled tokenizer: as fast as a trained one, and of no other use.") { shape, folder, seed };
        command.SetAction(parsed =>
        {
            var config = ModelShapes.Find(parsed.GetValue(shape)!);
            var path = parsed.GetValue(folder)!;
            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
                throw new UsageException($"{path} exists already and is no empty folder: name another one.");
            LibTorch.EnsureLoaded();
            Directory.CreateDirectory(path);
            ShapeFolder.Write(path, config, parsed.GetValue(seed));
        });
        return command;
    }
}

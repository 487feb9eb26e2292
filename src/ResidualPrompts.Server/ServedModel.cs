using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Server;

/// <summary>The backbone, and the task that it was tuned for if a run trained it.</summary>
internal sealed class ServedModel : IDisposable
{
    private ServedModel(Backbone backbone, TaskDefinition? task) => (Backbone, Task) = (backbone, task);

    internal Backbone Backbone { get; }

    /// <summary>Template and label words of a fully tuned model; null for a pretrained one.</summary>
    internal TaskDefinition? Task { get; }

    /// <summary>Loads a backbone by name or folder, or the tuned backbone of a run.</summary>
    /// <exception cref="InputException">The backbone is missing or invalid, or has no tokenizer.</exception>
    internal static ServedModel Load(string nameOrFolder)
    {
        LibTorch.EnsureLoaded();
        var folder = RunDirectory.ModelIn(nameOrFolder);
        var backbone = ModelCatalog.Load(folder);
        try
        {
            _ = backbone.Tokenizer; // throws if the tokenizer is missing; requests contain text
            return new ServedModel(backbone, TaskOf(folder));
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    public void Dispose() => Backbone.Dispose();

    /// <summary>The task of the run that trained the model in a folder, or null.</summary>
    private static TaskDefinition? TaskOf(string folder)
    {
        var run = Path.GetDirectoryName(Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar));
        return run is not null && new RunDirectory(run) is var directory && File.Exists(directory.Record)
            && directory.Model == Path.GetFullPath(folder).TrimEnd(Path.DirectorySeparatorChar)
            ? RunSummary.Read(run).Task
            : null;
    }
}

using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Server.Catalog;

/// <summary>Reads prompts for the served backbone.</summary>
/// <param name="model">The backbone.</param>
/// <param name="options">The backbone's name or folder, and whether a prompt of another backbone only causes a warning.</param>
internal sealed class PromptReader(ServedModel model, PromptServingOptions options)
{
    private readonly Backbone _backbone = model.Backbone;

    /// <summary>Reads the files of an adapter directory, which are in memory. Runs on the tensor thread.</summary>
    /// <exception cref="InputException">The prompt is invalid, or belongs to another backbone.</exception>
    internal (ServedPrompt Prompt, IReadOnlyList<string> Warnings) Read(string name, PromptFiles files)
    {
        var released = ReleasedPrompt.Load(files, _backbone, options.Model, options.AllowMismatch);
        try
        {
            var task = released.Contract?.ToTask();
            return (new ServedPrompt(name, released.Prompt, task, LabelsOf(task), released.Contract?.MaxNewTokens), released.Warnings);
        }
        catch
        {
            released.Dispose();
            throw;
        }
    }

    /// <summary>The backbone without a prompt.</summary>
    /// <param name="task">The task that the backbone was tuned for, or null.</param>
    internal ServedPrompt Untuned(TaskDefinition? task) => new(PromptCatalog.Untuned, null, task, LabelsOf(task));

    private LabelSet? LabelsOf(TaskDefinition? task) => task?.LabelWords is { } words ? LabelSet.Of(_backbone.Tokenizer, words.Words) : null;
}

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

    /// <summary>Reads the files of adapter directories, which are in memory. Runs on the tensor thread.</summary>
    /// <param name="name">The prompt's name.</param>
    /// <param name="files">The files of one adapter, or of those that answer together.</param>
    /// <exception cref="InputException">A prompt is invalid, or belongs to another backbone.</exception>
    internal (ServedPrompt Prompt, IReadOnlyList<string> Warnings) Read(string name, IReadOnlyList<PromptFiles> files)
    {
        var released = new List<ReleasedPrompt>();
        try
        {
            foreach (var ofAdapter in files)
                released.Add(ReleasedPrompt.Load(ofAdapter, _backbone, options.Model, options.AllowMismatch));
            var contract = released[0].Contract;
            var task = contract?.ToTask();
            return (new ServedPrompt(name, [.. released.Select(one => one.Prompt)], task, LabelsOf(task), contract?.MaxNewTokens),
                [.. released.SelectMany(one => one.Warnings).Distinct()]);
        }
        catch
        {
            released.ForEach(one => one.Dispose());
            throw;
        }
    }

    /// <summary>The backbone without a prompt.</summary>
    /// <param name="task">The task that the backbone was tuned for, or null.</param>
    internal ServedPrompt Untuned(TaskDefinition? task) => new(PromptCatalog.Untuned, [null], task, LabelsOf(task));

    private LabelSet? LabelsOf(TaskDefinition? task) => task?.LabelWords is { } words ? LabelSet.Of(_backbone.Tokenizer, words.Words) : null;
}

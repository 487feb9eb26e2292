using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Prompts;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Scoring;

namespace ResidualPrompts.Predictions;

/// <summary>A finished run that predicts, alone or in an ensemble.</summary>
/// <param name="Directory">The run directory; null for a run in memory.</param>
/// <param name="Record">Its record.</param>
/// <param name="Backbone">The backbone, which members on the same model share.</param>
/// <param name="Prompt">The prompt; null for a tuned model.</param>
/// <param name="Released">The prompt with its contract; null for a tuned model, and for a run in memory.</param>
internal sealed record RunMember(RunDirectory? Directory, RunRecord Record, Backbone Backbone, SoftPrompt? Prompt, ReleasedPrompt? Released)
{
    /// <summary>Its path in messages.</summary>
    internal string Name => Directory?.Path ?? "the run in memory";

    /// <summary>The backbone with the prompt.</summary>
    internal PromptScorer Scorer => new(Backbone.Model, Prompt);

    /// <summary>The settings with the current locations of model and data; weights that a run trained come from the run itself.</summary>
    internal static RunSpec Located(RunDirectory directory, RunRecord record) => System.IO.Directory.Exists(directory.Model)
        ? record.Located with { Model = directory.Model, Revision = null }
        : record.Located;

    /// <summary>Reads the record of a finished run. Nothing is loaded.</summary>
    /// <exception cref="RunException">The run is not finished, or files of its release are missing.</exception>
    internal static (RunDirectory Directory, RunRecord Record) Find(string path)
    {
        var directory = new RunDirectory(path);
        var record = RunRecord.Read(directory);
        if (record.Status != RunStatus.Finished)
            throw RunException.NotFinished(path, RunRecord.NameOf(record.Status));
        return ReleasedFiles.MissingOfModel(directory, record.Spec) is { } missing
            ? throw RunException.NeedsFinish(path, $"{missing} is missing")
            : (directory, record);
    }

    /// <summary>Loads runs; those on the same model share one backbone.</summary>
    /// <param name="found">The runs.</param>
    /// <param name="allowMismatch">Whether to use a prompt with another backbone or tokenizer than in training.</param>
    /// <param name="options">How backbones compute; null = the defaults.</param>
    internal static IReadOnlyList<RunMember> Load(
        IReadOnlyList<(RunDirectory Directory, RunRecord Record)> found, bool allowMismatch, BackboneOptions? options)
    {
        var backbones = new SharedBackbone(options);
        try
        {
            return Load(found, allowMismatch, backbones);
        }
        catch
        {
            backbones.Dispose();
            throw;
        }
    }

    /// <summary>As above, with backbones that outlive the runs.</summary>
    /// <param name="found">The runs.</param>
    /// <param name="allowMismatch">Whether to use a prompt with another backbone or tokenizer than in training.</param>
    /// <param name="backbones">Has the backbones, or loads them; those of other models are freed.</param>
    internal static IReadOnlyList<RunMember> Load(
        IReadOnlyList<(RunDirectory Directory, RunRecord Record)> found, bool allowMismatch, SharedBackbone backbones)
    {
        var located = found.Select(run => Located(run.Directory, run.Record)).ToList();
        backbones.Keep([.. located.Select(spec => (spec.Model, spec.Revision))]);
        var members = new List<RunMember>();
        try
        {
            foreach (var ((directory, record), spec) in found.Zip(located))
            {
                var backbone = backbones.Get(spec.Model, spec.Revision);
                var released = record.Spec.Method == TuningMethod.Full
                    ? null
                    : ReleasedPrompt.Load(directory.Adapter, backbone, spec.Model, allowMismatch);
                members.Add(new RunMember(directory, record, backbone, released?.Prompt, released));
            }

            return members;
        }
        catch
        {
            members.ForEach(member => member.Released?.Dispose());
            throw;
        }
    }

    /// <summary>Frees the prompts and backbones of loaded runs.</summary>
    /// <param name="members">The runs.</param>
    /// <param name="withBackbones">Whether no other run uses their backbones.</param>
    internal static void Free(IReadOnlyList<RunMember> members, bool withBackbones)
    {
        foreach (var member in members)
            member.Released?.Dispose();
        if (!withBackbones)
            return;
        foreach (var backbone in members.Select(member => member.Backbone).Distinct())
            backbone.Dispose();
    }
}

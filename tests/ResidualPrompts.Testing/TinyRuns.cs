using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Testing;

/// <summary>A tiny model with two trained prompts and one fully tuned model in a directory of runs.</summary>
public sealed class TinyRuns : IDisposable
{
    public TinyRuns()
    {
        Train("", "plain", 0, TuningMethod.Prompt);
        Train("study", "seed-1", 1, TuningMethod.Prompt);
        Train("", "full", 0, TuningMethod.Full);
    }

    public TinyPrompts Model { get; } = new();

    public string Runs => Path.Combine(Model.Root, "runs");

    public void Dispose() => Model.Dispose();

    private void Train(string group, string name, int seed, TuningMethod method) => TinyRun.Train(new RunSpec
    {
        Task = "subj",
        Model = Model.Model,
        FewShot = 8,
        ValidationPerClass = 6,
        Epochs = 3,
        Seed = seed,
        Method = method,
        PromptLength = 3,
        SaveDir = Path.Combine(Runs, group),
        SaveName = name,
    });
}

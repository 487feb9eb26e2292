namespace ResidualPrompts.ArchitectureTests;

/// <summary>Which folders of the two libraries may use which, kept by hand: a new arrow is a decision, and one that nobody needs goes.</summary>
internal static class AllowedArrows
{
    /// <summary>A folder a line; a deeper line continues the one above it. The root's types are for everybody and do not count.</summary>
    internal const string Text = """
        Adapters → Backbones, Files, Models.T5, Models.Weights, Models.Weights.TorchFiles, Prompts, Tasks
        Backbones → Compute, Models.T5, Tokenization
        Batching → Data, Files, Tasks, Tokenization
        Catalog → Backbones, Data, Hub, Tasks
        Classification → Adapters, Backbones, Batching, Catalog, Data, Files, Models.T5, Native, Prompts, Scoring, Tasks, Tokenization
        Compute → Compute.Choices, Compute.Dropout, Compute.Int8, Compute.Managed, Compute.Profiling, Native
        Compute.Choices → Compute, Files, Native
        Compute.Dropout → Compute, Compute.Profiling
        Compute.Int8 → Compute, Compute.Managed, Native
        Compute.Managed → Compute, Compute.Managed.Attention
        Compute.Managed.Attention → Compute, Compute.Dropout, Compute.Managed
        Compute.Profiling → Compute
        Data →
        Data.Parquet → Data, Data.Text, Files
        Data.Splits → Data, Data.Parquet, Data.Text, Randomness
        Data.Text → Data, Files
        Evaluation → Batching, Data, Files, Scoring, Tasks, Tokenization
        Files →
        Hub → Files
        Hub.Download → Files, Hub
        Inspection → Adapters, Backbones, Models.T5, Prompts, Runs, Runs.Release, Tokenization
        Models.T5 → Compute, Compute.Dropout, Compute.Profiling, Files, Models.T5.Modules, Models.Weights
        Models.T5.Modules → Compute, Compute.Dropout, Models.T5
        Models.Weights → Files, Models.Weights.TorchFiles
        Models.Weights.TorchFiles → Files, Models.Weights
        Native →
        Predictions → Adapters, Backbones, Batching, Catalog, Data, Data.Parquet, Data.Splits, Data.Text, Evaluation, Files, Models.T5, Native,
            Prompts, Runs, Runs.Settings, Scoring, Studies, Tasks, Tokenization
        Prompts →
        Randomness →
        Runs → Adapters, Backbones, Batching, Catalog, Data, Data.Splits, Evaluation, Files, Hub, Models.T5, Models.Weights, Native,
            Prompts, Randomness, Runs.Baselines, Runs.Events, Runs.Identity, Runs.Locking, Runs.Planning, Runs.Release, Runs.Resuming, Runs.Settings,
            Runs.States, Scoring, Statistics, Tasks, Tokenization, Training
        Runs.Baselines → Backbones, Batching, Catalog, Data, Evaluation, Files, Models.T5, Prompts, Runs, Runs.Settings,
            Scoring, Tasks, Tokenization
        Runs.Events → Files, Runs, Training
        Runs.Identity → Runs, Runs.Settings, Tasks, Training
        Runs.Locking → Files, Native, Runs
        Runs.Planning → Adapters, Backbones, Batching, Catalog, Data, Data.Splits, Data.Text, Evaluation, Files, Models.T5, Models.Weights, Native,
            Prompts, Randomness, Runs, Runs.Baselines, Runs.Events, Runs.Release, Runs.Resuming, Runs.Settings, Scoring, Tasks,
            Training
        Runs.Release → Adapters, Backbones, Batching, Data, Evaluation, Models.T5, Models.Weights, Prompts, Runs, Runs.Baselines, Runs.Resuming,
            Runs.Settings, Scoring, Tasks, Training
        Runs.Resuming → Files, Runs, Runs.Settings, Tasks, Training
        Runs.Settings → Catalog, Data, Data.Text, Files, Prompts, Tasks, Training
        Runs.States → Files, Native, Runs, Runs.Identity, Runs.Locking, Runs.Settings, Training
        Statistics → Evaluation, Randomness
        Studies → Files, Runs, Runs.Locking, Runs.Resuming, Runs.Settings
        Scoring → Backbones, Batching, Models.T5, Prompts, Tokenization
        Submissions → Data, Evaluation, Files, Predictions, Tasks
        Sweeps → Catalog, Data, Data.Splits, Evaluation, Files, Hub, Runs, Runs.Identity, Runs.Locking, Runs.Planning, Runs.Settings, Runs.States,
            Studies, Sweeps.Reading, Sweeps.Rungs, Tasks, Tokenization
        Sweeps.Reading → Catalog, Data, Runs.Settings, Sweeps, Sweeps.Rungs, Tasks
        Sweeps.Rungs → Runs.Events, Runs.Settings, Training
        Tasks → Data, Files
        Tokenization → Files, Tokenization.Normalization
        Tokenization.Normalization → Tokenization
        Training → Batching, Models.T5, Prompts, Randomness, Scoring
        """;

    /// <summary>Folders that still know each other, by their names. Nothing is added here.</summary>
    internal static readonly string[] Cycles = [];
}

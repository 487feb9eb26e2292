using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Identity;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Sweeps;

/// <summary>A run of a sweep.</summary>
/// <param name="Name">Its name below the sweep's folder, with slashes.</param>
/// <param name="Directory">The full path of its directory: that of the run that was found, else where it will lie.</param>
/// <param name="Spec">Its settings, without those that act on nothing.</param>
/// <param name="Identity">What makes it this run.</param>
/// <param name="Groups">The groups of the file that it belongs to.</param>
internal sealed record SweepRun(string Name, string Directory, RunSpec Spec, RunIdentity Identity, IReadOnlyList<SweepGroup> Groups)
{
    /// <summary>Its state when the plan was made.</summary>
    internal SweepRunState State { get; init; }

    /// <summary>What it still needs.</summary>
    internal SweepWork Work { get; init; } = SweepWork.Train;

    /// <summary>The reason of a state, such as the settings that changed; null where there is nothing to say.</summary>
    internal string? Detail { get; init; }

    /// <summary>What is not at hand and has to be before the run begins.</summary>
    internal IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Whether the second stage of a group has added it.</summary>
    internal bool IsRefined { get; init; }

    /// <summary>Where the file asks for it.</summary>
    internal required SweepEntry Entry { get; init; }

    /// <summary>What is known of its model and data.</summary>
    internal required SweepInput Input { get; init; }

    /// <summary>The digest without the budget, by which runs that have begun are found.</summary>
    internal required string FoundBy { get; init; }

    /// <summary>Its last step; null where its training rows are not at hand.</summary>
    internal long? LastStep => Identity.LastStep;

    /// <summary>The setting of the run, which runs of other seeds share.</summary>
    internal string Setting => _setting ??= SettingKey.Of(Spec);

    /// <summary>What halving compares within: task and data, without the seeds that select rows.</summary>
    internal string Bracket => _bracket ??= SettingKey.Only(Spec, EncodedRows.InKey, EncodedRows.Selecting);

    private string? _setting;
    private string? _bracket;
}

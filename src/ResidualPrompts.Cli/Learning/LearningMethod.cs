using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Learning;

/// <summary>A method of <c>bench learn</c>.</summary>
/// <param name="Name">Its name; with hyphens, the name of its folder.</param>
/// <param name="Reparameterization">The network.</param>
/// <param name="Skip">Whether the network has a skip connection.</param>
internal sealed record LearningMethod(string Name, Reparameterization Reparameterization, bool Skip)
{
    /// <summary>All methods.</summary>
    internal static IReadOnlyList<LearningMethod> All { get; } =
    [
        new("prompt tuning", Reparameterization.None, Skip: true),
        new("residual prompt tuning", Reparameterization.Mlp, Skip: true),
        new("mlp without skip", Reparameterization.Mlp, Skip: false),
    ];

    /// <summary>The folder of its studies, in the folder of all runs.</summary>
    internal string Folder => Name.Replace(' ', '-');
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ResidualPrompts.Compute.Profiling;

namespace ResidualPrompts.Cli.Measuring.Profiling;

/// <summary>One part of a step, the mean over all profiled steps.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Milliseconds">Its time.</param>
/// <param name="Share">The share of the step's own time.</param>
/// <param name="Gflops">Its rate in products and attention, in 10⁹ operations per second; null where it has neither.</param>
internal sealed record ProfiledPart(string Name, double Milliseconds, double Share, double? Gflops);

/// <summary>Where the time of a step goes.</summary>
internal sealed class ProfileReport
{
    /// <summary>How far the parts may be from the step's own time, as a fraction of it.</summary>
    internal const double Tolerance = 0.03;

    private static readonly string[] Last =
    [
        StepProfile.Attention, StepProfile.Norms, StepProfile.Dropout, StepProfile.CrossAttention, StepProfile.Decoder, StepProfile.OutputLayer,
        StepProfile.Batching, StepProfile.Update, StepProfile.Other,
    ];

    /// <summary>Summarizes steps.</summary>
    /// <param name="steps">At least one step.</param>
    /// <param name="attentionFlops">Operations of the encoder's attention in a step.</param>
    internal ProfileReport(IReadOnlyList<ProfiledStep> steps, double attentionFlops)
    {
        Milliseconds = steps.Average(step => step.Step.Milliseconds);
        RawGflops = Spread.Of(steps.Select(step => step.Step.RawGflops)).Median;
        double Mean(Func<ProfiledStep, IReadOnlyDictionary<string, double>> values, string name) =>
            steps.Average(step => values(step).GetValueOrDefault(name));
        Parts =
        [
            .. steps.SelectMany(step => step.Milliseconds.Keys).Distinct()
                .OrderBy(name => Array.IndexOf(Last, name)).ThenByDescending(name => Mean(step => step.Milliseconds, name))
                .Select(name =>
                {
                    var milliseconds = Mean(step => step.Milliseconds, name);
                    var flops = name == StepProfile.Attention ? attentionFlops : Mean(step => step.Flops, name);
                    return new ProfiledPart(name, milliseconds, milliseconds / Milliseconds, flops > 0 ? flops / milliseconds / 1e6 : null);
                }),
        ];
    }

    /// <summary>The step's own time, measured by the training loop.</summary>
    internal double Milliseconds { get; }

    /// <summary>The machine's rate.</summary>
    internal double RawGflops { get; }

    /// <summary>The parts; products first, those with the most time first.</summary>
    internal IReadOnlyList<ProfiledPart> Parts { get; }

    /// <summary>The sum of all shares.</summary>
    internal double SumOfShares => Parts.Sum(part => part.Share);

    /// <summary>Whether the parts add up to the step's own time.</summary>
    internal bool AddsUp => Math.Abs(SumOfShares - 1) <= Tolerance;

    /// <summary>Adds the report to a result.</summary>
    internal void AddTo(JsonObject result)
    {
        result["milliseconds"] = Milliseconds;
        result["raw_gflops"] = RawGflops;
        result["sum_of_shares"] = SumOfShares;
        result["parts"] = new JsonArray(
        [
            .. Parts.Select(part => (JsonNode?)new JsonObject
            {
                ["name"] = part.Name,
                ["milliseconds"] = part.Milliseconds,
                ["share"] = part.Share,
                ["gflops"] = part.Gflops,
                ["fraction_of_raw"] = part.Gflops / RawGflops,
            }),
        ]);
    }

    /// <summary>The parts as a Markdown table.</summary>
    internal string ToTable()
    {
        var text = new StringBuilder("| part of a step | ms | share | GFLOPS | of raw |\n|---|---|---|---|---|\n");
        foreach (var part in Parts)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {part.Name} | {MeasuredText.Of(part.Milliseconds)} | {Percent(part.Share)} | ")
                .Append(part.Gflops is { } rate ? $"{MeasuredText.Of(rate)} | {MeasuredText.Of(rate / RawGflops)} |\n" : "| |\n");
        }

        return text.Append(
            CultureInfo.InvariantCulture,
            $"| sum; the step took {MeasuredText.Of(Milliseconds)} ms | {MeasuredText.Of(Parts.Sum(part => part.Milliseconds))} "
            + $"| {Percent(SumOfShares)} | | raw {MeasuredText.Of(RawGflops)} GFLOPS |\n").ToString();
    }

    private static string Percent(double share) => $"{(100 * share).ToString("0.0", CultureInfo.InvariantCulture)} %";
}

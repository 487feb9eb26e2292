using System.Globalization;
using System.Text.Json.Nodes;
using ResidualPrompts.Compute;

namespace ResidualPrompts.Cli.Measuring.Targets;

/// <summary>
/// The targets for two quiet cores in 32-bit arithmetic: batch size 8, 10 virtual tokens, 3 target tokens. Positions are text tokens plus
/// virtual tokens.
/// </summary>
/// <param name="Large">The model of the size of T5-large.</param>
/// <param name="Base">The model of the size of T5-base.</param>
/// <param name="Small">The model of the size of T5-small.</param>
/// <param name="IsQuick">Whether sizes are tiny, which only tests that everything runs.</param>
internal sealed record TargetTable(string Large, string Base, string Small, bool IsQuick)
{
    private const string Nano = "t5-nano";
    private const double Megabytes = 1000; // per gigabyte
    private const int Alternations = 9; // of raw products and steps, or of two kinds of steps, where quartiles decide

    /// <summary>The targets that depend on the processor.</summary>
    internal FamilyTargets Targets { get; init; } = FamilyTargets.OfThisProcessor;

    internal IEnumerable<TargetRow> Rows()
    {
        foreach (var (name, model, limits) in new[] { ("T5-base", Base, Targets.Base), ("T5-small", Small, Targets.Small) })
        {
            foreach (var (positions, least) in FamilyTargets.Positions.Zip(limits))
            {
                yield return TargetRow.Of($"{name} step, {positions} positions, of raw", Limit.AtLeast(least), "",
                    Step(model, positions, Alternations), "fraction_of_raw", Times) with
                {
                    Quartiles = results => QuartilesOf(results[0], "fraction_of_raw"),
                };
            }
        }

        foreach (var lengths in RealLengths.All.Keys)
        {
            yield return TargetRow.Of(
                $"packing, T5-small, lengths of {lengths}: speed-up × fill", Limit.AtLeast(0.85), "",
                ["packing", "--model", Small, "--lengths", lengths, .. Steps(8)], "speed_up_by_fill",
                result => $"speed-up {Text(result, "speed_up")}, fill {Text(result, "fill")}");
        }

        yield return Percent("dropout in the backbone, T5-base, 266 positions", Targets.DropoutPercent,
            ["dropout", "--model", Base, "--length", Length(266), .. Steps(Alternations)], "cost") with
        {
            Quartiles = results => QuartilesOf(results[0], "cost", 100),
        };
        yield return TargetRow.Of("step beside forward, backward, update, T5-base", Limit.AtMost(10), " ms",
            ["overhead", "--model", Base, .. Steps(5)], "overhead_milliseconds.median");
        yield return Percent("the same, t5-nano, of the step", 25, ["overhead", "--model", Nano, .. Steps(100)], "overhead_share");
        yield return TargetRow.Of(
            "step while another process keeps a core busy, T5-small, of the quiet time", Limit.AtMost(3), " ×",
            ["contention", "--model", Small, "--length", Length(266), .. Steps(5)], "contended_by_alone");
        yield return TargetRow.Of(
            "start of train to first step, T5-base, 10,000 rows", Limit.AtMost(4), " s",
            ["start", "--model", Base, "--rows", IsQuick ? "100" : "10000"], "seconds",
            result => $"{Text(result, "seconds_at_first")} s where weights are not prepared yet");
        yield return TargetRow.Of("load and prepare, T5-base", Limit.AtMost(1.2), " s", ["load", "--model", Base], "seconds.prepared");
        yield return TargetRow.Of("load from the cache of prepared weights, T5-base", Limit.AtMost(0.3), " s", ["load", "--model", Base],
            "seconds.from_cache");
        foreach (var (positions, most) in new[] { (74, 2.0), (266, 3.2), (512, 5.2) })
            yield return Memory($"peak memory, T5-base, {positions} positions", most, Step(Base, positions, Alternations));
        yield return Memory("peak memory, T5-large, 512 positions, gradient checkpointing", 12,
            [.. Step(Large, 512, 1), "--gradient-checkpointing", "--warm-up", "1"], Times);
        // No target: an additional forward pass is about half a step of a frozen model.
        yield return new TargetRow(
            "time of gradient checkpointing, T5-base, 266 positions, more than without", null, " %",
            [Step(Base, 266, Alternations), [.. Step(Base, 266, 3), "--gradient-checkpointing"]],
            results => 100 * ((TargetRow.Number(results[1], "milliseconds.median") / TargetRow.Number(results[0], "milliseconds.median")) - 1));
        yield return TargetRow.Of(
            "label scores, T5-small, 131 tokens on average, an example on one core", Limit.AtMost(100), " ms",
            ["evaluate", "--model", Small, "--examples", IsQuick ? "8" : "64"], "core_milliseconds_per_example");
        if (ComputeChoice.Int8Kernel is not null)
        {
            yield return new TargetRow(
                "label scores with --int8, T5-base, of the speed in float32", Limit.AtLeast(1.2), " ×",
                [["int8", "--model", Base, "--examples", IsQuick ? "8" : "64", "--rounds", IsQuick ? "1" : "5"]],
                results => TargetRow.Number(results[0], "speed_up"),
                results =>
                    $"{Text(results[0], "milliseconds_per_example_int8.median")} instead of "
                        + $"{Text(results[0], "milliseconds_per_example_float32.median")} ms an example");
        }

        yield return TargetRow.Of(
            "tokenizer against spm_encode", Limit.AtLeast(0.6), " ×",
            ["tokenize", "--megabytes", IsQuick ? "1" : "8"], "rate_by_spm_encode", result => $"{Text(result, "megabytes_per_second")} MB/s");
        yield return TargetRow.Of("tokenizer, allocated bytes a piece (an id takes 4)", Limit.AtMost(5), "",
            ["tokenize", "--megabytes", IsQuick ? "1" : "8"], "allocated_bytes_per_piece");
        yield return new TargetRow(
            "full tuning, T5-small, 266 positions, of the straightforward form", Limit.AtMost(1.03), " ×",
            [[.. Full(), "--mode", "packed"], [.. Full(), "--mode", "straightforward"]],
            results => TargetRow.Number(results[0], "milliseconds.median") / TargetRow.Number(results[1], "milliseconds.median"),
            results => $"{Text(results[0], "peak_rss_mb")} MB");
        yield return Percent("growth, T5-small, 4 × 128 to 32 × 512 positions, above the curve of operations", 15,
            ["growth", "--model", Small, .. IsQuick ? ["--quick"] : Array.Empty<string>()], "largest_above_the_curve");
    }

    private string[] Step(string model, int positions, int steps) => ["step", "--model", model, "--length", Length(positions), .. Steps(steps)];

    private string[] Full() => ["step", "--model", Small, "--method", "full", "--length", Length(276), .. Steps(3)];

    private string Length(int positions) => (IsQuick ? Math.Max(2, positions / 50) : positions - 10).ToString(CultureInfo.InvariantCulture);

    private string[] Steps(int count) => ["--steps", IsQuick ? "1" : count.ToString(CultureInfo.InvariantCulture)];

    private static TargetRow Percent(string what, double most, string[] command, string key) =>
        new(what, Limit.AtMost(most), " %", [command], results => 100 * TargetRow.Number(results[0], key));

    private static TargetRow Memory(string what, double most, string[] command, Func<JsonObject, string>? remark = null) =>
        new(what, Limit.AtMost(most), " GB", [command], results => TargetRow.Number(results[0], "peak_rss_mb") / Megabytes,
            remark is null ? null : results => remark(results[0]));

    private static (double Lower, double Upper) QuartilesOf(JsonObject result, string key, double factor = 1) =>
        (factor * TargetRow.Number(result, $"{key}_quartiles.lower"), factor * TargetRow.Number(result, $"{key}_quartiles.upper"));

    private static string Times(JsonObject result) => $"{Text(result, "milliseconds.median")} ms, raw {Text(result, "raw_gflops")} GFLOPS";

    private static string Text(JsonObject result, string key) => MeasuredText.Of(TargetRow.Number(result, key));
}

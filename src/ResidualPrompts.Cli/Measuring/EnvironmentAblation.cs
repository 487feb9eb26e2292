using System.Globalization;
using System.Text.Json.Nodes;
using ResidualPrompts.Cli.Measuring.Targets;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>
/// Disables the settings that the program makes before libtorch loads: environment variables override them with the libraries' defaults.
/// Each measurement runs in its own process, so steps with and without a setting cannot alternate.
/// </summary>
internal static class EnvironmentAblation
{
    // The values that glibc reaches after the first large blocks: DEFAULT_MMAP_THRESHOLD_MAX, twice that, and 8 arenas per core.
    private static readonly Dictionary<string, string> DefaultAllocator = new()
    {
        ["MALLOC_MMAP_THRESHOLD_"] = "33554432",
        ["MALLOC_TRIM_THRESHOLD_"] = "67108864",
        ["MALLOC_ARENA_MAX"] = (8 * Environment.ProcessorCount).ToString(CultureInfo.InvariantCulture),
    };

    private static readonly Dictionary<string, string> DefaultSpinning = new() { ["GOMP_SPINCOUNT"] = "300000" };

    internal static IEnumerable<AblationRow> Rows(Measurements measurements, string model, int length, int steps)
    {
        string[] Arguments(string command) =>
            [command, "--model", model, "--length", length.ToString(CultureInfo.InvariantCulture), "--steps",
                steps.ToString(CultureInfo.InvariantCulture)];
        return new[]
        {
            Row("large blocks kept by the allocator", "milliseconds.median", Arguments("step"), DefaultAllocator),
            Row("threads sleep soon at barriers", "milliseconds.median", Arguments("step"), DefaultSpinning),
            Row("the same while another process keeps a core busy", "milliseconds_contended.median", Arguments("contention"), DefaultSpinning),
        }.OfType<AblationRow>();

        AblationRow? Row(string trick, string key, string[] arguments, Dictionary<string, string> without) =>
            measurements.Result(arguments) is { } with && measurements.Result(arguments, without) is { } reduced
                ? Compare(trick, TargetRow.Number(with, key), TargetRow.Number(reduced, key), with, reduced) : null;
    }

    private static AblationRow Compare(string trick, double with, double without, JsonObject first, JsonObject second) =>
        new(trick, with, without, (without / with) - 1, IsQuiet(first) & IsQuiet(second));

    private static bool? IsQuiet(JsonObject result) => result["quiet"]?.GetValue<bool>();
}

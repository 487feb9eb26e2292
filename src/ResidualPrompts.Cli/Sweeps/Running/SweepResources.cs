using System.Globalization;
using ResidualPrompts.Catalog;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Sweeps;

namespace ResidualPrompts.Cli.Sweeps.Running;

/// <summary>How many runs are trained at once, and with how many threads each.</summary>
/// <param name="Jobs">Runs at once.</param>
/// <param name="Threads">Threads of a run that begins; one that continues keeps its own.</param>
/// <param name="Note">Why there are fewer than asked for, as a sentence; null where there are not.</param>
internal sealed record SweepResources(int Jobs, int Threads, string? Note)
{
    private const long SmallModel = 100_000_000; // parameters
    private const long Program = 400L << 20;
    private const long BytesPerParameter = 8; // float32 weights, and what a step needs beside them

    /// <summary>Decides for this machine.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="asked">Runs at once that were asked for; null = as many as there are cores for.</param>
    /// <exception cref="UsageException">One run asks for more threads than there are cores.</exception>
    internal static SweepResources Of(SweepPlan plan, int? asked)
    {
        var parameters = plan.Runs.Select(run => run.Spec.Model).Distinct().Max(ParametersOf);
        var peak = plan.Runs.Max(run => PeakOf(run)) ?? Program + ((parameters ?? 0) * BytesPerParameter);
        return Of(asked, plan.File.Threads, ComputeThreads.Default, parameters < SmallModel, peak, AvailableBytes);
    }

    /// <summary>Decides by numbers.</summary>
    /// <param name="asked">Runs at once that were asked for.</param>
    /// <param name="threads">Threads that the file gives.</param>
    /// <param name="cores">Cores.</param>
    /// <param name="isSmall">Whether every model is small, so that one thread is best.</param>
    /// <param name="bytes">Memory of a run.</param>
    /// <param name="available">Memory of the machine; null where it is not known.</param>
    internal static SweepResources Of(int? asked, int? threads, int cores, bool isSmall, long bytes, long? available)
    {
        if (threads > cores)
            throw new UsageException($"threads of the sweep file is {threads}, but {cores} cores are available.");
        var each = threads ?? (isSmall ? 1 : Math.Max(1, cores / (asked ?? 1)));
        var wanted = asked ?? Math.Max(1, cores / each);
        var byCores = Math.Max(1, cores / each);
        var byMemory = available is { } memory ? (int)Math.Clamp(memory / Math.Max(1, bytes), 1, int.MaxValue) : int.MaxValue;
        var jobs = Math.Min(wanted, Math.Min(byCores, byMemory));
        string? Note(FormattableString text) => jobs == wanted ? null : text.ToString(CultureInfo.InvariantCulture);
        return new SweepResources(jobs, each, byMemory < byCores
            ? Note($"{jobs} instead of {wanted} runs at once: a run needs about {bytes / 1e9:0.0} GB, and {available / 1e9:0.0} GB are available.")
            : Note($"{jobs} instead of {wanted} runs at once: {cores} cores, {each} threads a run."));
    }

    /// <summary>Threads of a run: those of its record, since its bytes depend on them.</summary>
    internal int ThreadsOf(SweepRun run) => RunDirectory.Is(run.Directory)
        && RunRecord.Read(new RunDirectory(run.Directory)).Segments is [.., { ThreadCount: > 0 and var recorded }]
        ? Math.Min(recorded, ComputeThreads.Maximum) : Threads;

    private static long? PeakOf(SweepRun run) => run.State is SweepRunState.Planned or SweepRunState.Changed ? null
        : RunRecord.Read(new RunDirectory(run.Directory)).PeakMemoryBytes;

    /// <summary>Parameters of a model by the heads of its files; null where it is not on this machine.</summary>
    private static long? ParametersOf(string model)
    {
        try
        {
            var folder = ModelCatalog.Locate(model, null);
            var weights = Directory.EnumerateFiles(folder, "*.safetensors").ToList();
            return weights.Count == 0 ? Directory.EnumerateFiles(folder, "pytorch_model*.bin").Sum(file => new FileInfo(file).Length) / sizeof(float)
                : weights.Sum(ParametersIn);
        }
        catch (Exception e) when (e is InputException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static long ParametersIn(string file)
    {
        using var weights = SafetensorsFile.Open(file);
        return weights.Entries.Values.Sum(entry => entry.Shape.Aggregate(1L, (count, length) => count * length));
    }

    /// <summary>The limit of the process's control group, or what the machine has free if that is less.</summary>
    private static long? AvailableBytes
    {
        get
        {
            var limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            return MachineMemory.AvailableBytes is { } free ? Math.Min(limit, free) : limit > 0 ? limit : null;
        }
    }
}

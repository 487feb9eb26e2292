using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using ResidualPrompts.Catalog;
using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Cli.Rendering;
using ResidualPrompts.Compute;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Diagnosis;

/// <summary>A problem of the installation, and how to fix it.</summary>
internal sealed record InstallationProblem(string What, string Remedy);

/// <summary>Facts about machine and installation, in display order, and the problems found.</summary>
internal sealed class InstallationReport
{
    private const double LeastMemoryGigabytes = 2;
    private readonly List<(string Name, string Value)> _facts = [];
    private readonly List<InstallationProblem> _problems = [];

    internal IReadOnlyList<(string Name, string Value)> Facts => _facts;

    internal IReadOnlyList<InstallationProblem> Problems => _problems;

    internal static InstallationReport Make()
    {
        var report = new InstallationReport();
        report.AddProgram();
        report.AddProcessors();
        report.AddMemory();
        report.AddLibTorch();
        report.AddModels();
        return report;
    }

    private void Add(string name, string value) => _facts.Add((name, value));

    private void AddProgram()
    {
        Add("residual-prompts", ProgramVersion.Text);
        Add(".NET", $"{Environment.Version} ({RuntimeInformation.RuntimeIdentifier})");
        Add("system", RuntimeInformation.OSDescription);
    }

    private void AddProcessors()
    {
        var sets = Processor.InstructionSets.Count > 0 ? $" ({string.Join(", ", Processor.InstructionSets)})" : "";
        Add("processor", Processor.Name + sets);
        Add("cores", $"{ComputeThreads.Default} physical for this process, {Environment.ProcessorCount} logical");
        if (RuntimeInformation.ProcessArchitecture == Architecture.X64 && !Avx2.IsSupported)
            _problems.Add(new("The processor has no AVX2", "Everything works, but many times slower; use a machine from 2013 or later."));
    }

    private void AddMemory()
    {
        var gigabytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        Add("memory", $"{gigabytes:0.0} GB for this process");
        if (gigabytes < LeastMemoryGigabytes)
            _problems.Add(
                new($"Only {gigabytes:0.0} GB of memory",
                    $"t5-nano needs 1 GB, t5-base {LeastMemoryGigabytes:0} GB or more: increase the container's limit."));
    }

    private void AddLibTorch()
    {
        try
        {
            LibTorch.EnsureLoaded();
        }
        catch (NativeLibraryException e)
        {
            Add("libtorch", "not loaded");
            _problems.Add(new("libtorch could not be loaded", e.Message));
            return;
        }

        var native = LibTorch.Report;
        Add("C library", $"glibc {native.GlibcVersion ?? "unknown"}, newest libstdc++ symbols {native.NewestGlibcxx ?? "unknown"}");
        var how = native.IsPatched ? "the version of one unused symbol was relaxed in memory because this system's libstdc++ is older" : "as shipped";
        Add("libtorch", $"{TorchSharp.torch.__version__}, {how} ({native.LoadMilliseconds:0} ms)");
        Add("matrix product", $"{RawGemm.MeasureGflops():0} GFLOPS with {ComputeThreads.Current} threads");
        AddCompute();
        Add("--int8", ComputeChoice.Int8Kernel ?? "not on this processor");
    }

    private void AddCompute()
    {
        try
        {
            var kernels = ComputeChoice.Kernels(null);
            Add("compute", $"{ComputeChoice.NameOf(kernels.Policy)} (by {kernels.Basis})");
            Add("frozen weights",
                ComputeChoice.ProductKernel is { } kernel ? $"multiplied by a kernel of this library ({kernel})" : "multiplied by libtorch");
            foreach (var by in OperationNames.All.GroupBy(operation => kernels.NameOf(operation.Key), operation => operation.Value.Replace('_', ' ')))
                Add($"by {by.Key}", string.Join(", ", by));
            if (ComputeChoice.CalibrationProblem is { } problem)
            {
                _problems.Add(new(
                    "The saved choice of who computes is damaged", $"{problem} Measure it again with 'bench compute --save', or delete it."));
            }
        }
        catch (ComputeException e)
        {
            _problems.Add(new("This processor does not support the setting of --compute", e.Message));
        }
    }

    private void AddModels()
    {
        if (BundledModels.Names.Count == 0)
            _problems.Add(
                new("No bundled model was found",
                    $"The folder assets/models is missing in {AppContext.BaseDirectory}: reinstall or rebuild the program."));
        foreach (var name in BundledModels.Names)
        {
            try
            {
                var parameters = T5Model.WeightShapes(T5Config.Load(BundledModels.Locate(name)))
                    .Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size));
                Add("bundled model", $"{name}, {parameters / 1e6:0.0} M parameters");
            }
            catch (InputException e)
            {
                _problems.Add(new($"The bundled model {name} is damaged", $"{RemedyText.Of(e)} Reinstall or rebuild the program."));
            }
        }
    }
}

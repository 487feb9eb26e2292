using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ResidualPrompts.Compute;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>The machine and software versions of a measurement, on which its numbers depend.</summary>
internal static class Machine
{
    /// <summary>Peak resident memory of this process, in 10⁶ bytes.</summary>
    internal static double PeakMegabytes() => (ProcessMemory.PeakBytes ?? 0) / 1e6;

    /// <summary>Adds cores, versions and the load by other processes to a result.</summary>
    internal static void Describe(JsonObject result, MachineLoad load)
    {
        var others = load.OfOthers();
        result["load_of_others"] = others is { } value ? Math.Round(value, 3) : null;
        result["quiet"] = MachineLoad.IsQuiet(others);
        result["processor"] = Processor.Name;
        result["cores"] = Environment.ProcessorCount;
        result["threads"] = ComputeThreads.Current;
        result["product_kernel"] = ComputeChoice.ProductKernel ?? "libtorch";
        var kernels = ComputeChoice.Kernels(null);
        result["compute"] = new JsonObject(
            OperationNames.All.Select(operation => KeyValuePair.Create(operation.Value, (JsonNode?)kernels.NameOf(operation.Key)))
                .Prepend(KeyValuePair.Create("basis", (JsonNode?)kernels.Basis)));
        result["versions"] = new JsonObject
        {
            ["residual_prompts"] = ProgramVersion.Text,
            ["dotnet"] = Environment.Version.ToString(),
            ["torchsharp"] = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(),
            ["libtorch"] = LibTorch.Version,
            ["system"] = RuntimeInformation.OSDescription,
        };
    }
}

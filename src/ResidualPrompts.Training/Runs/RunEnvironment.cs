using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Native;

namespace ResidualPrompts.Runs;

/// <summary>The environment of a run, which its numbers can depend on.</summary>
internal static class RunEnvironment
{
    internal const string TimeFormat = "yyyy-MM-ddTHH:mm:ssZ"; // UTC

    /// <summary>Describes the machine, the versions and this process.</summary>
    /// <param name="model">The model that computes.</param>
    internal static JsonObject Describe(T5Model model) => new()
    {
        ["residual_prompts_version"] =
            typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        ["dotnet_version"] = Environment.Version.ToString(),
        ["torchsharp_version"] = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(),
        ["libtorch_version"] = LibTorch.Version,
        ["system"] = RuntimeInformation.OSDescription,
        ["machine"] = Environment.MachineName,
        ["processor"] = Processor.Name,
        ["instruction_sets"] = new JsonArray([.. Processor.InstructionSets.Select(name => (JsonNode?)name)]),
        ["process_id"] = Environment.ProcessId,
        ["started"] = DateTime.UtcNow.ToString(TimeFormat, CultureInfo.InvariantCulture),
        ["device"] = "cpu",
        ["thread_count"] = ComputeThreads.Current,
        ["product_kernel"] = model.ProductKernel ?? "libtorch",
        ["compute"] = new JsonObject([.. model.DescribeCompute().Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))]),
    };

    /// <summary>The process that uses a run directory, according to its record, where its lock does not tell.</summary>
    internal static string Holder(RunDirectory directory)
    {
        try
        {
            var environment = RunRecord.Read(directory).Environment;
            return $"process {environment["process_id"]} on {environment["machine"]}, started {environment["started"]}";
        }
        catch (RunException)
        {
            return "a process that is just starting";
        }
    }
}

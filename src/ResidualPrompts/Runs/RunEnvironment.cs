using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ResidualPrompts.Native;

namespace ResidualPrompts.Runs;

/// <summary>What a run was made with; its numbers can depend on all of it.</summary>
internal static class RunEnvironment
{
    internal static JsonObject Describe() => new()
    {
        ["residual_prompts_version"] = typeof(RunEnvironment).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion,
        ["dotnet_version"] = Environment.Version.ToString(),
        ["torchsharp_version"] = typeof(TorchSharp.torch).Assembly.GetName().Version?.ToString(),
        ["libtorch_version"] = LibTorch.Version,
        ["system"] = RuntimeInformation.OSDescription,
        ["machine"] = Environment.MachineName,
        ["device"] = "cpu",
        ["thread_count"] = ComputeThreads.Current,
    };
}

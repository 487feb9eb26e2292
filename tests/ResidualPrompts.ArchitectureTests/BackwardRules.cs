using Mono.Cecil;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>A gradient of ours that throws is heard of only by who asks, so that one method goes through graphs for all.</summary>
public sealed class BackwardRules
{
    [Fact]
    public void Only_BackwardFailure_goes_through_a_graph()
    {
        var callers = new SortedSet<string>();
        foreach (var library in Libraries.All)
        {
            using var module = ModuleDefinition.ReadModule(library.Location);
            var calls = module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)
                .Select(method => (method.DeclaringType, method.Body.Instructions
                .Select(instruction => instruction.Operand).OfType<MethodReference>()));
            foreach (var (type, called) in calls)
            {
                if (called.Any(method => method.Name == "backward" && method.DeclaringType.FullName == "TorchSharp.torch/Tensor"))
                    callers.Add(type.FullName);
            }
        }

        callers.Should().Equal("ResidualPrompts.Compute.BackwardFailure");
    }
}

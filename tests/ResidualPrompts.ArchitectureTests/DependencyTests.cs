using ArchUnitNET.Domain;
using ArchUnitNET.Fluent.Syntax.Elements.Types;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>Who may know whom. The folders of the library stand in the order in which data flows.</summary>
public sealed class DependencyTests
{
    private static readonly Architecture Architecture = new ArchLoader()
        .LoadAssembliesIncludingDependencies(typeof(InputException).Assembly)
        .Build();

    /// <summary>What each folder may use of ours besides itself; the root holds <see cref="InputException"/> alone.</summary>
    public static TheoryData<string, string[]> Allowed => new()
    {
        { "Files", [] },
        { "Native", [] },
        { "Hub", ["Files"] },
        { "Data", [] },
        { "Tasks", ["Data"] },
        { "Tokenization", [] },
        { "Prompts", [] },
        { "Batching", ["Data", "Tasks", "Tokenization"] },
        { "Models", ["Files", "Native"] },
        { "PromptedModels", ["Batching", "Hub", "Models", "Prompts", "Tokenization"] },
        { "Training", ["Batching", "Data", "Models", "PromptedModels", "Prompts"] },
        { "Evaluation", ["Batching", "Data", "PromptedModels", "Tasks", "Tokenization"] },
        { "Adapters", ["Files", "Models", "PromptedModels", "Prompts", "Tasks", "Tokenization"] },
        { "Inspection", ["Models", "PromptedModels", "Tokenization"] },
        { "Runs", ["Adapters", "Batching", "Data", "Evaluation", "Files", "Hub", "Inspection", "Models", "Native", "PromptedModels", "Prompts", "Tasks", "Tokenization", "Training"] },
    };

    [Theory]
    [MemberData(nameof(Allowed))]
    public void A_folder_uses_only_the_folders_it_may(string folder, string[] allowed)
    {
        var namespaces = typeof(InputException).Assembly.GetTypes().Select(type => TopFolder(type.Namespace)).OfType<string>().Distinct().ToArray();
        namespaces.Should().Contain(folder);
        var forbidden = namespaces.Except(allowed).Where(name => name != folder).ToArray();
        if (forbidden.Length > 0)
            TypesIn(folder).Should().NotDependOnAny(Types().That().ResideInNamespaceMatching($@"^ResidualPrompts\.({string.Join('|', forbidden)})(\.|$)")).Check(Architecture);
    }

    [Fact]
    public void Every_folder_of_the_library_has_a_rule()
    {
        var folders = typeof(InputException).Assembly.GetTypes().Select(type => TopFolder(type.Namespace)).OfType<string>().Distinct();
        folders.Should().BeEquivalentTo(Allowed.Select(row => row.Data.Item1));
    }

    [Theory]
    [InlineData("Data")]
    [InlineData("Tasks")]
    [InlineData("Evaluation")]
    [InlineData("Tokenization")]
    [InlineData("Hub")]
    public void Text_is_read_without_tensors(string folder) =>
        TypesIn(folder).Should().NotDependOnAny(Types().That().ResideInNamespaceMatching("^TorchSharp")).Check(Architecture);

    [Fact]
    public void The_library_knows_neither_a_command_line_nor_a_web_server()
    {
        var references = typeof(InputException).Assembly.GetReferencedAssemblies().Select(name => name.Name!);
        references.Should().NotContain(name => name.StartsWith("Microsoft.AspNetCore") || name.StartsWith("Spectre") || name.StartsWith("System.CommandLine") || name == "System.Console");
    }

    private static GivenTypesConjunction TypesIn(string folder) => Types().That().ResideInNamespaceMatching($@"^ResidualPrompts\.{folder}(\.|$)");

    private static string? TopFolder(string? space) => space?.Split('.') is ["ResidualPrompts", var folder, ..] ? folder : null;
}

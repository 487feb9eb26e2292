using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>Options belong to the command line: libraries and server name settings and properties.</summary>
public sealed partial class OptionNameTests
{
    /// <summary>Keys of the progress format of predictions, which is older than this rule.</summary>
    private static readonly string[] KeysOfFormats = ["--encoding", "--int8", "--prefix"];

    private static readonly string[] Assemblies = [.. Libraries.All.Append(typeof(Server.PromptServer).Assembly)
        .Select(assembly => assembly.Location)];

    [Fact]
    public void No_text_of_a_library_or_of_the_server_names_an_option() =>
        Assemblies.SelectMany(Texts).Where(text => OptionPattern().IsMatch(text)).Distinct().Order().Should().Equal(KeysOfFormats);

    [Fact]
    public void No_documentation_of_a_library_or_of_the_server_names_an_option()
    {
        var documents = Assemblies.Select(path => XDocument.Load(Path.ChangeExtension(path, ".xml"))).ToList();
        var members = documents.SelectMany(document => document.Descendants("member")).ToList();
        members.Count.Should().BeGreaterThan(500);
        members.Where(member => OptionPattern().IsMatch(member.Value)).Select(member => member.Attribute("name")!.Value).Should().BeEmpty();
    }

    [Fact]
    public void The_command_line_is_where_they_are() =>
        Texts(typeof(Server.PromptServer).Assembly.Location.Replace("ResidualPrompts.Server.dll", "residual-prompts.dll", StringComparison.Ordinal))
            .Count(text => OptionPattern().IsMatch(text)).Should().BeGreaterThan(50);

    private static IEnumerable<string> Texts(string assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly);
        var types = module.GetTypes().ToList();
        return
        [
            .. types.SelectMany(type => type.Methods).Where(method => method.HasBody).SelectMany(method => method.Body.Instructions)
                .Where(instruction => instruction.OpCode == OpCodes.Ldstr).Select(instruction => (string)instruction.Operand),
            .. types.SelectMany(type => type.Fields).Select(field => field.Constant).OfType<string>(),
            .. types.SelectMany(type => type.CustomAttributes.Concat(type.Properties.SelectMany(property => property.CustomAttributes)))
                .SelectMany(attribute => attribute.ConstructorArguments.Concat(attribute.Properties.Select(named => named.Argument)))
                .Select(argument => argument.Value).OfType<string>(),
        ];
    }

    [GeneratedRegex("(?<![-A-Za-z0-9])--[A-Za-z]")]
    private static partial Regex OptionPattern();
}

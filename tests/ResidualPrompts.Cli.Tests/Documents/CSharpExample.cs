using System.Reflection;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using ResidualPrompts.Classification;
using ResidualPrompts.Runs;
using ResidualPrompts.Server;

namespace ResidualPrompts.Cli.Tests.Documents;

/// <summary>
/// C# of a document as the program of a user: top-level statements against the public members of the libraries. The namespaces in force are those of
/// <c>ImplicitUsings</c> and all public ones of the libraries.
/// </summary>
/// <param name="Place">Where it stands.</param>
/// <param name="Code">The statements.</param>
internal sealed record CSharpExample(string Place, string Code)
{
    /// <summary>Names that fragments take for granted. A fragment that declares one itself hides it.</summary>
    private const string Given = """
        public static class Given
        {
            public static WebApplicationBuilder builder => throw new NotSupportedException();
            public static WebApplication app => throw new NotSupportedException();
            public static Backbone backbone => throw new NotSupportedException();
            public static SoftPrompt first => throw new NotSupportedException();
            public static SoftPrompt second => throw new NotSupportedException();
            public static TaskDefinition task => throw new NotSupportedException();
            public static Example example => throw new NotSupportedException();
            public static IReadOnlyList<Example> rows => throw new NotSupportedException();
            public static List<string> texts => throw new NotSupportedException();
            public static string folder => throw new NotSupportedException();
        }
        """;

    private static readonly Assembly[] Libraries = [typeof(PromptClassifier).Assembly, typeof(TrainingRun).Assembly, typeof(PromptServer).Assembly];

    private static readonly string[] ImplicitUsings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
        "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Http", "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection",
    ];

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Latest);

    private static readonly SyntaxTree[] Frame = [Parse(Usings()), Parse(Given)];

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The blocks of a document.</summary>
    internal static IEnumerable<CSharpExample> Of(Document document) => document.Blocks.Where(block => block.Language == "csharp")
        .Select(block => new CSharpExample($"{document}, line {block.Line}", string.Join('\n', block.Lines)));

    /// <summary>The examples in the documentation of the libraries' public types; one that begins with a brace is JSON.</summary>
    internal static IEnumerable<CSharpExample> OfLibraries() =>
        from library in Libraries
        let types = library.GetExportedTypes().Select(type => type.FullName!).ToHashSet()
        from member in XDocument.Load(Path.ChangeExtension(library.Location, ".xml")).Descendants("member")
        from code in member.Descendants("example").SelectMany(example => example.Descendants("code"))
        where types.Contains(TypeOf(member.Attribute("name")!.Value)) && !code.Value.TrimStart().StartsWith('{')
        select new CSharpExample(member.Attribute("name")!.Value, code.Value);

    /// <summary>What the compiler says against it, warnings too; empty if it compiles.</summary>
    internal IEnumerable<string> Problems() => Compile().GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)
        .Select(diagnostic => $"{Place}: {diagnostic}");

    /// <summary>Executes it in this process.</summary>
    internal int Run()
    {
        using var image = new MemoryStream();
        var emitted = Compile().Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        if (!emitted.Success)
            throw new InvalidOperationException(string.Join('\n', emitted.Diagnostics));
        Assembly.Load(image.ToArray()).EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        return 0;
    }

    /// <summary>The type in the name of a member, <c>T:Namespace.Type</c> or <c>M:Namespace.Type.Method(…)</c>.</summary>
    private static string TypeOf(string member)
    {
        var name = member[2..].Split('(')[0];
        return member[0] == 'T' ? name : name[..name.LastIndexOf('.')];
    }

    private static string Usings() => string.Concat(ImplicitUsings
        .Concat(Libraries.SelectMany(library => library.GetExportedTypes()).Select(type => type.Namespace!)).Distinct()
        .Select(name => $"global using {name};\n").Append("global using static Given;\n"));

    private static SyntaxTree Parse(string code) => CSharpSyntaxTree.ParseText(code, Options);

    private CSharpCompilation Compile() => CSharpCompilation.Create(
        $"Example{Guid.NewGuid():N}", [Parse(Code), .. Frame], References,
        new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
}

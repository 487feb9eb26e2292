using System.Reflection;
using System.Runtime.CompilerServices;
using ResidualPrompts.Testing;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>Rules that types and files must keep.</summary>
public sealed class CodeRules
{
    private const int MostLines = 400;
    private const int MostColumns = 150;

    /// <summary>Where lines are held narrow; "src" comes last.</summary>
    private static readonly string[] NarrowFolders = ["src", "tests", "samples", "benchmarks", "eng"];

    private static readonly string[] SaysNothing = ["Utils", "Util", "Helpers", "Helper", "Common", "Core", "Misc"];

    [Theory]
    [InlineData("Prompts")]
    [InlineData("Models")]
    [InlineData("Scoring")]
    [InlineData("Training")]
    [InlineData("Evaluation")]
    public void Tensor_code_is_synchronous(string folder)
    {
        var methods = Libraries.Types.Where(type => InFolder(type, folder))
            .SelectMany(type => type.GetMethods(
                BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .ToList();
        methods.Should().NotBeEmpty();
        methods.Where(method => typeof(Task).IsAssignableFrom(method.ReturnType)
            || method.GetCustomAttribute<AsyncStateMachineAttribute>() is not null)
            .Should().BeEmpty();
    }

    [Fact]
    public void Modules_are_internal()
    {
        var modules = Libraries.Types.Where(type => type.Namespace?.EndsWith(".Modules", StringComparison.Ordinal) == true).ToList();
        modules.Should().NotBeEmpty();
        modules.Where(type => type.IsPublic).Should().BeEmpty();
    }

    [Fact]
    public void What_a_user_can_do_wrong_has_one_sealed_exception_type_an_area()
    {
        var exceptions = Libraries.Types.Where(type => type.IsSubclassOf(typeof(InputException))).ToList();
        exceptions.Should().NotBeEmpty().And.OnlyContain(type => type.IsSealed && type.IsPublic && type.GetConstructors().Length == 0);
    }

    [Fact]
    public void No_file_is_long_and_no_folder_says_nothing()
    {
        var files = SourceFiles("src", "tests");
        files.Count.Should().BeGreaterThan(50);
        files.Where(path => File.ReadLines(path).Count() > MostLines).Should().BeEmpty();
        files.Where(path => path.Split('/').Intersect(SaysNothing).Any()).Should().BeEmpty();
    }

    [Fact]
    public void No_line_is_wider_than_a_screen()
    {
        var files = SourceFiles(NarrowFolders);
        files.Should().NotBeEmpty();
        files.SelectMany(WideLines).Should().BeEmpty();
    }

    [Fact]
    public void A_wide_line_is_noticed_unless_it_is_data()
    {
        using var folder = new TemporaryFolder();
        var (narrow, wide) = (new string('x', MostColumns), new string('x', MostColumns + 1));
        var path = folder.Write("a.cs",
            string.Join('\n', narrow, wide, "const string Rows = \"\"\"", wide, "    \"\"\";", wide, $"var row = \"\"\"{wide}\"\"\";"));
        WideLines(path).Should().Equal($"{path}:2", $"{path}:6", $"{path}:7");
    }

    [Theory]
    [InlineData("ResidualPrompts", 21)]
    [InlineData("ResidualPrompts.Training", 21)]
    [InlineData("ResidualPrompts.Server", 21)]
    [InlineData("ResidualPrompts.Cli", 30)]
    public void No_folder_holds_more_files_than_one_looks_through(string project, int most)
    {
        var folders = SourceFiles(Path.Combine("src", project))
            .CountBy(path => Path.GetRelativePath(Snapshot.Repository(), Path.GetDirectoryName(path)!)).ToList();
        folders.Count.Should().BeGreaterThan(5);
        folders.Where(folder => folder.Value > most).Should().BeEmpty();
    }

    /// <summary>Lines of code that are too wide; rows of data in a literal of several lines may be as wide as they are.</summary>
    private static IEnumerable<string> WideLines(string path)
    {
        const string Literal = "\"\"\"";
        var (number, isData) = (0, false);
        foreach (var line in File.ReadLines(path))
        {
            number++;
            var togglesData = line.Split(Literal).Length % 2 == 0;
            if (line.Length > MostColumns && !(isData && !togglesData))
                yield return $"{path}:{number}";
            isData ^= togglesData;
        }
    }

    private static List<string> SourceFiles(params string[] folders) =>
    [
        .. folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Snapshot.Repository(), folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/") && !path.Contains("/bin/")),
    ];

    private static bool InFolder(Type type, string folder) =>
        type.Namespace?.StartsWith($"ResidualPrompts.{folder}", StringComparison.Ordinal) == true;
}

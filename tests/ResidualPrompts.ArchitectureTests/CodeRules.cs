using System.Reflection;
using System.Runtime.CompilerServices;
using ResidualPrompts.Testing;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>Rules that types and files must keep.</summary>
public sealed class CodeRules
{
    private const int MostLines = 400;
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
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .ToList();
        methods.Should().NotBeEmpty();
        methods.Where(method => typeof(Task).IsAssignableFrom(method.ReturnType) || method.GetCustomAttribute<AsyncStateMachineAttribute>() is not null).Should().BeEmpty();
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
        var root = Snapshot.Repository();
        var files = new[] { "src", "tests" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/obj/") && !path.Contains("/bin/")).ToList();
        files.Count.Should().BeGreaterThan(50);
        files.Where(path => File.ReadLines(path).Count() > MostLines).Should().BeEmpty();
        files.Where(path => path.Split('/').Intersect(SaysNothing).Any()).Should().BeEmpty();
    }

    private static bool InFolder(Type type, string folder) => type.Namespace?.StartsWith($"ResidualPrompts.{folder}", StringComparison.Ordinal) == true;
}

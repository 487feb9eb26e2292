using System.Text.RegularExpressions;
using ResidualPrompts.Testing;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>The public surface stays as small as docs/public-surface.md says it is.</summary>
public sealed partial class PublicSurfaceTests
{
    private const int MaxTypes = 100;
    private const int MaxLines = 1127;

    private static readonly string[] Lines =
    [
        .. new[] { "ResidualPrompts", "ResidualPrompts.Training" }
            .SelectMany(library => File.ReadLines(Path.Combine(Snapshot.Repository(), "src", library, "PublicAPI.Unshipped.txt")).Skip(1)),
    ];

    [Fact]
    public void The_libraries_show_no_more_than_their_bound()
    {
        Lines.Should().HaveCountLessThanOrEqualTo(MaxLines).And.NotBeEmpty();
        Lines.Where(line => TypeLine().IsMatch(line)).Should().HaveCountLessThanOrEqualTo(MaxTypes).And.NotBeEmpty();
    }

    [Fact]
    public void The_document_states_the_bound() =>
        File.ReadAllText(Path.Combine(Snapshot.Repository(), "docs", "public-surface.md")).Should().Contain($"{MaxTypes} types, {MaxLines} lines");

    [Fact]
    public void Every_public_type_is_constructed_called_or_given_by_something_public()
    {
        var types = Libraries.Types.Where(type => type is { IsPublic: true, IsAbstract: false, IsEnum: false })
            .Where(type => !type.IsSubclassOf(typeof(Exception)));
        var given = Libraries.Types.Where(type => type.IsPublic).SelectMany(type => type.GetMembers()).SelectMany(Gives).ToHashSet();
        types.Where(type => type.GetConstructors().Length == 0 && !given.Contains(type))
            .Where(type => type.GetMethods().All(method => !method.IsStatic)).Should().BeEmpty();
    }

    private static IEnumerable<Type> Gives(System.Reflection.MemberInfo member) => (member switch
    {
        System.Reflection.MethodInfo method => [method.ReturnType, .. method.GetParameters().Select(parameter => parameter.ParameterType)],
        System.Reflection.PropertyInfo property => [property.PropertyType],
        System.Reflection.FieldInfo field => [field.FieldType],
        _ => Array.Empty<Type>(),
    }).SelectMany(type => type.IsGenericType ? type.GetGenericArguments().Append(type) : [type]);

    [GeneratedRegex(@"^ResidualPrompts[\w.]*$")]
    private static partial Regex TypeLine();
}

using Mono.Cecil;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>
/// What a library writes is the same in every culture. The compiler's rules (CA1304, CA1305, CA1311) see calls of ToString and Parse; an
/// interpolated string with a number is compiled into calls that they do not see, and that are looked for here.
/// </summary>
public sealed class CultureRules
{
    private const string Handler = "System.Runtime.CompilerServices.DefaultInterpolatedStringHandler";

    /// <summary>Whose text has a decimal sign, or depends on a calendar.</summary>
    private static readonly string[] Written = ["System.Double", "System.Single", "System.Half", "System.Decimal", "System.DateTime",
        "System.DateTimeOffset", "System.Object"];

    [Fact]
    public void No_interpolated_string_writes_a_number_in_the_current_culture()
    {
        var assemblies = Libraries.All.Append(typeof(Server.PromptServer).Assembly).Select(assembly => assembly.Location).ToArray();
        assemblies.SelectMany(InCurrentCulture).ToList()
            .Should().BeEmpty("string.Create(CultureInfo.InvariantCulture, …) writes them everywhere alike");
    }

    [Fact]
    public void The_rule_finds_a_number_and_lets_an_invariant_one_pass() =>
        InCurrentCulture(typeof(CultureRules).Assembly.Location).Should().Equal($"{nameof(CultureRules)}.{nameof(Careless)}");

    internal static string Careless(double number) => $"{number} is written by the culture";

    internal static string Careful(double number) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{number} is not");

    private static List<string> InCurrentCulture(string path)
    {
        using var module = ModuleDefinition.ReadModule(path);
        return [.. module.GetTypes().SelectMany(type => type.Methods).Where(WritesInCurrentCulture)
            .Select(method => $"{method.DeclaringType.Name}.{method.Name}")];
    }

    private static bool WritesInCurrentCulture(MethodDefinition method)
    {
        if (!method.HasBody)
            return false;
        var hasCulture = new Stack<bool>(); // of the strings under way, one within the other
        foreach (var called in method.Body.Instructions.Select(instruction => instruction.Operand).OfType<MethodReference>())
        {
            if (called.DeclaringType.FullName != Handler)
                continue;
            if (called.Name == ".ctor")
                hasCulture.Push(called.Parameters.Count > 2);
            else if (called.Name == "AppendFormatted" && hasCulture.TryPeek(out var known) && !known && IsWritten(called))
                return true;
            else if (called.Name == "ToStringAndClear" && hasCulture.Count > 0)
                hasCulture.Pop();
        }

        return false;
    }

    private static bool IsWritten(MethodReference append)
    {
        var type = append is GenericInstanceMethod generic ? generic.GenericArguments[0] : append.Parameters[0].ParameterType;
        var name = type is GenericInstanceType { GenericArguments: [var underlying] }
            && type.FullName.StartsWith("System.Nullable", StringComparison.Ordinal) ? underlying.FullName : type.FullName;
        return Written.Contains(name);
    }
}

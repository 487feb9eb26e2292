using Mono.Cecil;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>
/// Which folders of the libraries use which, read from the compiled code: a folder is a namespace below the root's. The root's few types are for
/// everybody and do not count; neither do constants, which the compiler copies.
/// </summary>
internal sealed class FolderArrows
{
    private const string Root = "ResidualPrompts";
    private readonly SortedDictionary<string, SortedSet<string>> _used = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _tensorUsers = new(StringComparer.Ordinal);

    /// <param name="assemblies">Paths of the libraries.</param>
    internal FolderArrows(params string[] assemblies)
    {
        foreach (var assembly in assemblies)
        {
            using var module = ModuleDefinition.ReadModule(assembly);
            foreach (var type in module.GetTypes().Where(type => FolderOf(type) is { Length: > 0 }))
            {
                _used.TryAdd(FolderOf(type)!, new SortedSet<string>(StringComparer.Ordinal));
                foreach (var reference in References(type))
                    Add(FolderOf(type)!, reference);
            }
        }
    }

    /// <summary>Of each folder, those that it uses besides itself.</summary>
    internal IReadOnlyDictionary<string, SortedSet<string>> Used => _used;

    /// <summary>Folders that use TorchSharp.</summary>
    internal IReadOnlySet<string> TensorUsers => _tensorUsers;

    private void Add(string from, TypeReference? to)
    {
        switch (to)
        {
            case null or GenericParameter:
                return;
            case GenericInstanceType generic:
                foreach (var argument in generic.GenericArguments)
                    Add(from, argument);
                Add(from, generic.ElementType);
                return;
            case TypeSpecification wrapped:
                Add(from, wrapped.ElementType);
                return;
        }

        if (Outermost(to).Namespace.StartsWith("TorchSharp", StringComparison.Ordinal))
            _tensorUsers.Add(from);
        if (FolderOf(to) is { Length: > 0 } folder && folder != from)
            _used[from].Add(folder);
    }

    private static IEnumerable<TypeReference?> References(TypeDefinition type) =>
    [
        type.BaseType,
        .. type.Interfaces.Select(implemented => implemented.InterfaceType),
        .. type.CustomAttributes.Select(attribute => attribute.AttributeType),
        .. type.Fields.Select(field => field.FieldType),
        .. type.Properties.SelectMany(property => property.CustomAttributes).Select(attribute => attribute.AttributeType),
        .. type.Methods.SelectMany(References),
    ];

    private static IEnumerable<TypeReference?> References(MethodDefinition method)
    {
        yield return method.ReturnType;
        foreach (var parameter in method.Parameters)
            yield return parameter.ParameterType;
        if (!method.HasBody)
            yield break;
        foreach (var variable in method.Body.Variables)
            yield return variable.VariableType;
        foreach (var operand in method.Body.Instructions.Select(instruction => instruction.Operand))
        {
            if (operand is TypeReference type)
                yield return type;
            if (operand is not MemberReference member)
                continue;
            yield return member.DeclaringType;
            if (member is FieldReference field)
                yield return field.FieldType;
            if (member is not MethodReference called)
                continue;
            yield return called.ReturnType;
            foreach (var used in called.Parameters.Select(parameter => parameter.ParameterType)
                .Concat((called as GenericInstanceMethod)?.GenericArguments ?? []))
                yield return used;
        }
    }

    private static TypeReference Outermost(TypeReference type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);

    /// <summary>The namespace below the root's: empty for the root itself, null outside of the libraries.</summary>
    private static string? FolderOf(TypeReference type) =>
        Outermost(type).Namespace is var name && name == Root ? "" : name.StartsWith(Root + ".", StringComparison.Ordinal)
            ? name[(Root.Length + 1)..] : null;
}

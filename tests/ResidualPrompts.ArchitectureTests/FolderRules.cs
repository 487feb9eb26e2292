namespace ResidualPrompts.ArchitectureTests;

/// <summary>Holds arrows between folders against a list of those that are allowed.</summary>
internal sealed class FolderRules
{
    private readonly SortedDictionary<string, SortedSet<string>> _allowed = new(StringComparer.Ordinal);

    /// <param name="text">Lines <c>A → B, C</c>; a line that is deeper than the first goes on with the one above it.</param>
    internal FolderRules(string text)
    {
        var from = "";
        var depth = Depth(text);
        foreach (var line in text.Split('\n').Where(line => line.Trim().Length > 0))
        {
            var targets = line;
            if (Depth(line) == depth)
            {
                if (line.Split('→') is not [var folder, var rest] || !_allowed.TryAdd(folder.Trim(), new SortedSet<string>(StringComparer.Ordinal)))
                    throw new ArgumentException($"'{line.Trim()}' is not the only line 'folder → folders' of its folder.", nameof(text));
                (from, targets) = (folder.Trim(), rest);
            }

            _allowed[from].UnionWith(targets.Split(',').Select(target => target.Trim()).Where(target => target.Length > 0));
        }
    }

    /// <summary>Arrows that are used and not allowed, and allowed arrows and folders that are not used.</summary>
    internal IEnumerable<string> Violations(IReadOnlyDictionary<string, SortedSet<string>> used) =>
    [
        .. Missing(used, _allowed).Select(arrow => $"{arrow} is not allowed"),
        .. Missing(_allowed, used).Select(arrow => $"{arrow} is allowed, but nobody uses it"),
        .. used.Keys.Except(_allowed.Keys).Select(folder => $"{folder} has no line in the list"),
        .. _allowed.Keys.Except(used.Keys).Select(folder => $"{folder} is in the list, but there is no such folder"),
    ];

    /// <summary>
    /// Groups of folders that reach each other in circles. A folder and those below it may know each other, and such arrows count for no circle.
    /// </summary>
    internal static IEnumerable<string> Cycles(IReadOnlyDictionary<string, SortedSet<string>> used)
    {
        var reached = used.Keys.ToDictionary(folder => folder, folder => Reached(folder, used));
        return used.Keys.Where(folder => reached[folder].Contains(folder))
            .Select(folder => string.Join(", ", reached[folder].Where(other => reached.TryGetValue(other, out var back) && back.Contains(folder))
                .Order(StringComparer.Ordinal)))
            .Distinct();
    }

    private static HashSet<string> Reached(string start, IReadOnlyDictionary<string, SortedSet<string>> used)
    {
        var (reached, open) = (new HashSet<string>(), new Stack<string>([start]));
        while (open.TryPop(out var from))
        {
            foreach (var to in used.TryGetValue(from, out var targets) ? targets.Where(to => !IsWithin(from, to) && !IsWithin(to, from)) : [])
            {
                if (reached.Add(to))
                    open.Push(to);
            }
        }

        return reached;
    }

    private static bool IsWithin(string folder, string parent) => folder.StartsWith(parent + ".", StringComparison.Ordinal);

    private static IEnumerable<string> Missing(IReadOnlyDictionary<string, SortedSet<string>> arrows,
        IReadOnlyDictionary<string, SortedSet<string>> others) =>
        arrows.SelectMany(folder => folder.Value.Where(to => !others.TryGetValue(folder.Key, out var there) || !there.Contains(to))
            .Select(to => $"{folder.Key} → {to}"));

    private static int Depth(string line) => line.TakeWhile(character => character == ' ').Count();
}

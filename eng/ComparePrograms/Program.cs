using ResidualPrompts.ComparePrograms;

const string Usage = """
    usage: eng/compare-programs [--allow CLASS,...] BEFORE AFTER [DIRECTORY]
           eng/compare-programs [--allow CLASS,...] --only-compare DIRECTORY
           eng/compare-programs --self-check DIRECTORY
    CLASS is messages, help, card or environment. See the comment in eng/compare-programs.
    """;

var allowed = new HashSet<ItemClass>();
var words = args.ToList();
if (words.IndexOf("--allow") is >= 0 and var option)
{
    foreach (var name in (words.ElementAtOrDefault(option + 1) ?? "").Split(','))
    {
        if (!Enum.TryParse<ItemClass>(name, ignoreCase: true, out var kind) || kind == ItemClass.Output || int.TryParse(name, out _))
            return Wrong($"Unknown class '{name}' in --allow.");
        allowed.Add(kind);
    }

    words.RemoveRange(option, 2);
}

try
{
    return words switch
    {
        ["--only-compare", var folder] => Compare(folder),
        ["--self-check", var folder] => new SelfCheck(In(folder, "before"), In(folder, "changed")).Print(Console.Out) ? 0 : 1,
        [var before, var after] when !IsOption(before) && !IsOption(after) => await RunBoth(before, after, In(Repository(), "runs/compare-programs")),
        [var before, var after, var folder] when !words.Any(IsOption) => await RunBoth(before, after, folder),
        _ => Wrong("Invalid arguments; see eng/compare-programs."),
    };
}
// the folder was made by another program, or a program does not start
catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
{
    return Wrong(e.Message);
}

async Task<int> RunBoth(string before, string after, string folder)
{
    foreach (var program in new[] { before, after })
    {
        if (!File.Exists(program))
            return Wrong($"Program '{program}' does not exist.");
    }

    foreach (var (program, name) in new[] { (before, "before"), (after, "after") })
    {
        Console.Error.WriteLine($"{name}: {program}");
        await Run(new Session(program, In(folder, name)));
    }

    return Compare(folder);
}

async Task Run(Session session)
{
    Inputs.Write(session, In(Repository(), "assets/datasets"));
    Commands.Run(session);
    await Requests.Run(session);
    session.End();
}

int Compare(string folder)
{
    var comparison = new Comparison(new Outcome(In(folder, "before")), new Outcome(In(folder, "after")), allowed);
    return comparison.Print(Console.Out) == 0 ? 0 : 1;
}

int Wrong(string problem)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(Usage);
    return 2;
}

static bool IsOption(string word) => word.StartsWith('-');

static string In(string folder, string name) => Path.GetFullPath(name, Path.GetFullPath(folder));

// The nearest parent folder with the bundled data.
static string Repository()
{
    var folder = AppContext.BaseDirectory;
    while (!Directory.Exists(Path.Combine(folder, "assets/datasets")))
        folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("This program is not inside the repository.");
    return folder;
}

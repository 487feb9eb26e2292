using ResidualPrompts.Testing;

namespace ResidualPrompts.ArchitectureTests;

/// <summary>No text of the project has a phrase that must be read twice.</summary>
public sealed class LanguageTests
{
    /// <summary>Where texts stand: a file or folder, the files of it, and how they are read.</summary>
    private static readonly (string Path, string Files, Func<string, IEnumerable<Stumble>> Find)[] Places =
    [
        ("README.md", "", LanguageRules.InProse),
        ("ARCHITECTURE.md", "", LanguageRules.InProse),
        ("CHANGELOG.md", "", LanguageRules.InProse),
        ("CONTRIBUTING.md", "", LanguageRules.InProse),
        ("SECURITY.md", "", LanguageRules.InProse),
        ("docs", "*.md", LanguageRules.InProse),
        ("eng", "*", LanguageRules.InProse),
        ("src", "*.cs", LanguageRules.InCode),
        ("tests/ResidualPrompts.Cli.Tests/Snapshots", "help-*.txt", LanguageRules.InProse),
    ];

    /// <summary>Phrases that may stand where they stand, and why.</summary>
    private static readonly (string Path, string Phrase, string Reason)[] Allowed = [];

    [Fact]
    public void No_text_has_a_phrase_that_must_be_read_twice()
    {
        var found = Found().ToList();
        var messages = found.Where(one => !Allowed.Any(allowed => IsAllowed(allowed, one.Path, one.Stumble)))
            .Select(one => $"{one.Path}:{one.Stumble.Line}: '{one.Stumble.Phrase}'; write {one.Stumble.Instead}");
        string.Join('\n', messages).Should().BeEmpty();
        Allowed.Where(allowed => !found.Any(one => IsAllowed(allowed, one.Path, one.Stumble)))
            .Should().BeEmpty("an exception that nothing needs would hide the next one");
        Allowed.Should().OnlyContain(allowed => allowed.Reason.Length > 0);
    }

    [Fact]
    public void Every_place_has_texts() => Places.Should().OnlyContain(place => Texts(place.Path, place.Files).Any());

    [Theory]
    [InlineData("A pipe is no file.", "is no")]
    [InlineData("The run goes on where\nit stopped.", "goes on")]
    [InlineData("It lets go of the lock.", "lets go")]
    [InlineData("The watcher is\ntold of it.", "is told")]
    [InlineData("One kernel of ours, both by turns.", "of ours|by turns")]
    [InlineData("# The hub holds not what is needed.", "holds not what")]
    [InlineData("--output needs a file that can be read again.", "that can be read again")]
    [InlineData("These have no switch.", "These have no switch")]
    [InlineData("A row that is not there is the first once more.", "is the first once more")]
    [InlineData("A prompt on another model than its own gives numbers that look like any and mean nothing.",
        "on another model than its own|look like any and mean nothing")]
    [InlineData("Your program refers to this library.", "refers to this library")]
    [InlineData("`MostQueries`, its colour", "MostQueries|colour")]
    public void A_phrase_is_found_in_prose(string text, string phrases) =>
        LanguageRules.InProse(text).Select(stumble => stumble.Phrase.Replace(" of", ""))
            .Should().BeEquivalentTo(phrases.Split('|').Select(phrase => phrase.Replace(" of", "")));

    [Theory]
    [InlineData("There is no TLS.")]
    [InlineData("It is no longer needed.")]
    [InlineData("The thing is\n\nno part of this sentence.")]
    [InlineData("The run continues. Both are measured alternately.")]
    public void Plain_English_is_left_alone(string text) => LanguageRules.InProse(text).Should().BeEmpty();

    [Fact]
    public void A_stumble_names_the_line_where_it_begins() =>
        LanguageRules.InProse("first\n\nThis goes on.\nAnd a pipe is\nno file.\n").Select(stumble => stumble.Line).Should().Equal(3, 4);

    [Fact]
    public void In_code_comments_and_texts_are_read_and_names_are_not()
    {
        string[] code =
        [
            "/// <summary>The run goes",
            "/// on.</summary>",
            "var goesOn = is no; // by turns",
            "throw new E($\"{path} is no folder\");",
            "var x = \"\"\"",
            "    is told",
            "    \"\"\";",
            "/// <summary>Computes.</summary>",
            "var link = \"https://lets.go/\"; goes(on);",
        ];
        LanguageRules.InCode(string.Join('\n', code)).Select(stumble => stumble.Line).Should().Equal(1, 3, 4, 6, 8);
    }

    private static IEnumerable<(string Path, Stumble Stumble)> Found() =>
        from place in Places
        from path in Texts(place.Path, place.Files)
        from stumble in place.Find(File.ReadAllText(path))
        select (Path.GetRelativePath(Snapshot.Repository(), path).Replace('\\', '/'), stumble);

    private static IEnumerable<string> Texts(string path, string files)
    {
        var full = Path.Combine(Snapshot.Repository(), path);
        return files.Length == 0
            ? [full]
            : Directory.EnumerateFiles(full, files, SearchOption.AllDirectories).Where(file => !file.Contains("/bin/") && !file.Contains("/obj/"))
            .Order(StringComparer.Ordinal);
    }

    private static bool IsAllowed((string Path, string Phrase, string Reason) allowed, string path, Stumble stumble) =>
        allowed.Path == path && string.Equals(allowed.Phrase, stumble.Phrase, StringComparison.OrdinalIgnoreCase);
}

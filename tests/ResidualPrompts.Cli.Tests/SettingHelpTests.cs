using System.Text.RegularExpressions;
using System.Xml.Linq;
using ResidualPrompts.Cli.Options;
using ResidualPrompts.Runs.Settings;

namespace ResidualPrompts.Cli.Tests;

public sealed class SettingHelpTests
{
    public static TheoryData<string> Keys => [.. RunSpecProperty.All.Select(setting => setting.Key)];

    [Fact]
    public void Every_setting_has_one_row_of_help_and_an_option_of_its_own()
    {
        SettingHelp.All.Select(help => help.Setting.Key).Should().BeEquivalentTo(RunSpecProperty.All.Select(setting => setting.Key));
        SettingHelp.All.Select(help => (help.OptionName, help.Unit)).Should().OnlyHaveUniqueItems("an option has one setting for each unit")
            .And.OnlyContain(option => option.OptionName.StartsWith("--"));
        SettingHelp.All.Where(help => help.Setting.IsFlag).Select(help => help.OptionName).Should().BeEquivalentTo(
            "--test-from-validation", "--validation-from-train", "--no-skip", "--no-layer-norm", "--separate-networks", "--gradient-checkpointing",
                "--no-shuffle", "--test", "--keep-checkpoint");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_row_of_help_says_meaning_unit_default_and_range(string key)
    {
        var help = Row(key);
        help.Text.Should().EndWith(".").And.NotStartWith(" ");
        help.Range.Should().NotBeNullOrWhiteSpace();
        help.Default.Should().NotBeNullOrWhiteSpace();
        (help.Placeholder is null).Should().Be(help.Setting.IsFlag);
        help.Placeholder.Should().NotBe("");
        help.Setting.Words.Should().OnlyContain(word => Regex.IsMatch(help.Range, $@"(?<![\w-]){word}(?![\w-])"));
        if (!help.Setting.IsFlag && help.Setting.DefaultText is { } fallback)
            help.Default.Should().Be(fallback);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_documentation_of_a_setting_says_what_its_help_says(string key)
    {
        var help = Row(key);
        var sentence = help.Setting switch
        {
            { IsFlag: true, IsOnByDefault: true } => $"False: {char.ToLowerInvariant(help.Text[0])}{help.Text[1..]} Default: true.",
            { IsFlag: true } => $"{help.Text} Default: false.",
            _ => help.Sentence.Replace("--", "", StringComparison.Ordinal), // the library knows no options
        };
        Summary(help.Setting.Property.Name).Should().Be(sentence);
    }

    [Theory]
    [InlineData("prompt_length", "1 to 10000", 0, 10_001)]
    [InlineData("epochs", "1 to 1000000", 0, 1_000_001)]
    [InlineData("batch_size", "1 to 65536", 0, 65_537)]
    [InlineData("accumulation", "1 to 65536", 0, 65_537)]
    [InlineData("feed_forward_size", "1 to 1000000", 0, 1_000_001)]
    public void A_range_is_the_one_that_is_checked(string key, string range, int below, int above)
    {
        Row(key).Range.Should().Be(range);
        foreach (var (value, isRight) in new[] { (below, false), (below + 1, true), (above - 1, true), (above, false) })
        {
            var spec = RunSpecJson.Read(new() { ["task"] = "subj", ["save_name"] = "run", ["max_input_length"] = 20_000, [key] = value }, "test");
            spec.Validate().Any(problem => problem.Key == key).Should().Be(!isRight, $"{key} is {value}");
        }
    }

    private static SettingHelp Row(string key) => SettingHelp.All.Single(help => help.Setting.Key == key);

    private static string Summary(string property)
    {
        var document = XDocument.Load(Path.ChangeExtension(typeof(RunSpec).Assembly.Location, ".xml"));
        var member = document.Descendants("member").Single(member => member.Attribute("name")!.Value == $"P:{typeof(RunSpec).FullName}.{property}");
        return Regex.Replace(member.Element("summary")!.Value, @"\s+", " ").Trim();
    }
}

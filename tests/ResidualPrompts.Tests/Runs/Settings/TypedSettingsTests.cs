using System.Text.Json.Nodes;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Text;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Tasks;

namespace ResidualPrompts.Tests.Runs.Settings;

/// <summary>Settings that are texts of a form of their own.</summary>
public sealed class TypedSettingsTests
{
    private static RunSpec Valid => new() { Task = "subj", SaveName = "run", Data = "rows.csv" };

    [Theory]
    [InlineData("vocabulary")]
    [InlineData("vocabulary:5000")]
    [InlineData("uniform")]
    [InlineData("uniform:0.50")]
    [InlineData("uniform:1e-3")]
    [InlineData("text:\"a: b\"")]
    [InlineData("label-words")]
    [InlineData("file:x.npy")]
    public void A_prompt_initialization_is_printed_as_it_was_written(string text)
    {
        PromptInit.Parse(text).ToString().Should().Be(text);
        PromptInit.TryParse(text, out var init).Should().BeTrue();
        init.Should().Be(PromptInit.Parse(text)).And.Be((PromptInit)text);
    }

    [Fact]
    public void Initializations_can_be_made_without_text()
    {
        PromptInit.Vocabulary().Should().Be(PromptInit.Parse("vocabulary"));
        PromptInit.Vocabulary(5000).ToString().Should().Be("vocabulary:5000");
        PromptInit.Uniform(0.25).ToString().Should().Be("uniform:0.25");
        PromptInit.Uniform(1e-9).Rows.Should().Be(new StartRows.Uniform(1e-9));
        PromptInit.OfText("a b").Rows.Should().Be(new StartRows.Text("a b"));
        PromptInit.OfFile("x").Rows.Should().Be(new StartRows.PromptFile("x"));
        PromptInit.LabelWords.Rows.Should().Be(new StartRows.LabelWords());
        FluentActions.Invoking(() => PromptInit.Uniform(-1)).Should().Throw<RunSpecException>()
            .WithMessage("prompt_init is uniform:-1, expected vocabulary,*");
    }

    [Theory]
    [InlineData("review: {text}", true)]
    [InlineData(" {a} {{b}} ", true)]
    [InlineData("no field", false)]
    [InlineData("{", false)]
    public void A_template_is_printed_as_it_was_written(string text, bool isGood)
    {
        Template.TryParse(text, out var template).Should().Be(isGood);
        (template?.ToString()).Should().Be(isGood ? text : null);
        ((Template)text).ToString().Should().Be(text);
        ((Template)text).Should().Be((Template)text);
    }

    [Theory]
    [InlineData("0=a,1=b", true)]
    [InlineData(" 0 = a , 1=b", true)]
    [InlineData("0=a", false)]
    [InlineData("0=a,1=a", false)]
    [InlineData("a,b", false)]
    public void Label_words_are_printed_as_they_were_written(string text, bool isGood)
    {
        LabelWords.TryParse(text, out var words).Should().Be(isGood);
        (words?.ToString()).Should().Be(isGood ? text : null);
        ((LabelWords)text).ToString().Should().Be(text);
        ((LabelWords)text).Should().Be((LabelWords)text);
    }

    [Fact]
    public void Values_that_look_alike_are_not_equal()
    {
        LabelWords.Parse("0=a, 1=b").Should().NotBe(LabelWords.Parse("0=a,1=b"), "the texts differ");
        LabelWords.Of(("x", "a,y=b"), ("z", "c")).Should().NotBe(LabelWords.Parse("x=a,y=b,z=c"), "the labels differ");
        LabelWords.Of("a", "b").Should().Be(LabelWords.Parse("0=a,1=b"));
        ((Template)"{a}").Should().NotBe((Template)"{b}");
        ((TextEncoding)"latin1").Should().NotBe((TextEncoding)"utf-8").And.Be((TextEncoding)"latin1");
    }

    [Fact]
    public void An_encoding_is_found_by_its_name()
    {
        TextEncoding.Parse("latin1").ToEncoding().WebName.Should().Be("iso-8859-1");
        TextEncoding.Parse("latin1").ToString().Should().Be("latin1");
        TextEncoding.TryParse("windows-1252", out _).Should().BeTrue();
        TextEncoding.TryParse("utf-5", out _).Should().BeFalse();
        TextEncoding.TryParse(null, out _).Should().BeFalse();
        FluentActions.Invoking(() => TextEncoding.Parse("utf-5")).Should().Throw<DataException>().WithMessage("There is no encoding 'utf-5'*");
    }

    [Fact]
    public void A_spec_is_written_with_texts_and_keeps_them_as_they_are()
    {
        var spec = Valid with { PromptInit = "uniform:0.50", Template = " {a}", LabelWords = "0 = x, 1 = y", Encoding = "Latin1" };
        var json = RunSpecJson.Write(spec);
        json.ToJsonString().Should().Contain("\"prompt_init\":\"uniform:0.50\"").And.Contain("\"template\":\" {a}\"")
            .And.Contain("\"label_words\":\"0 = x, 1 = y\"").And.Contain("\"encoding\":\"Latin1\"");
        RunSpecJson.Read(json, "test").Should().Be(spec);
        RunSpecJson.Differences(spec, RunSpecJson.Read(json, "test")).Should().BeEmpty();
        RunSpecJson.Differences(spec, spec with { PromptInit = "uniform:0.5", Template = "{a}", LabelWords = null, Encoding = "utf-8" })
            .Should().BeEquivalentTo("prompt_init", "template", "label_words", "encoding");
        RunSpecJson.Write(new RunSpec())["template"].Should().BeNull();
    }

    [Fact]
    public void Wrong_texts_are_told_all_at_once()
    {
        var values = new JsonObject
        {
            ["task"] = "subj",
            ["data"] = "rows.csv",
            ["save_name"] = "run",
            ["epochs"] = 0,
            ["prompt_init"] = "magic",
            ["template"] = "{",
            ["label_words"] = "a",
            ["encoding"] = "utf-5"
        };
        var spec = RunSpecJson.Read(values, "my.json");
        RunSpecException.Of(spec.Validate()).Message.Split('\n').Should().BeEquivalentTo(
            "epochs is 0, expected 1 to 1000000.",
            "prompt_init is magic, expected vocabulary, vocabulary:N, uniform, uniform:RANGE, text:\"…\", label-words, file:PATH, or the path of an "
            + "existing file.",
            "template \"{\": the '{' at character 1 is not closed; write '{{' for the character itself.",
            "label_words \"a\": 'a' has no '='. Expected VALUE=WORD pairs such as \"0=negative,1=positive\".",
            "encoding is utf-5, expected the name of an encoding, such as utf-8, utf-16, latin1 or windows-1252.");
        FluentActions.Invoking(() => spec.Template!.Fields).Should().Throw<TaskException>().WithMessage("Template \"{\": *");
        FluentActions.Invoking(() => spec.LabelWords!.Words).Should().Throw<TaskException>().WithMessage("Label words \"a\": *");
        FluentActions.Invoking(() => spec.PromptInit.Rows).Should().Throw<RunSpecException>();
    }
}

using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Adapters;

public sealed class PromptContractTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    internal static PromptContract Whole { get; } = new()
    {
        Backbone = new BackboneIdentity("google/t5-base", "abc", "sha256:" + new string('1', 64), "sha256:" + new string('2', 64), 20),
        VirtualTokenCount = 4,
        MaxInputLength = 512,
        Task = "reviews",
        Template = "review: {body} – \"é\"",
        LabelField = "stars",
        LabelWords = LabelWords.Parse("1=bad,5=good"),
        Evaluation = EvaluationMode.Generate,
        MaxNewTokens = 3,
        Metric = new ContractMetric("accuracy", "validation", 2.0 / 3),
        Seed = -7,
        Reparameterization = "mlp2_tied",
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_contract_comes_back_as_it_was_written()
    {
        Whole.Write(_folder.Path);
        Read().Should().BeEquivalentTo(Whole);
        var least = new PromptContract { Backbone = Whole.Backbone with { Revision = null, TokenizerDigest = null }, VirtualTokenCount = 1 };
        least.Write(_folder.Path);
        Read().Should().BeEquivalentTo(least);
        PromptContract.Find(_folder.File("nowhere")).Should().BeNull();
    }

    [Fact]
    public void A_contract_gives_the_task_back()
    {
        var task = Whole.ToTask()!;
        (task.Name, task.Template!.ToString(), task.LabelField, task.Evaluation)
            .Should().Be(("reviews", "review: {body} – \"é\"", "stars", EvaluationMode.Generate));
        task.Labels.Should().BeSameAs(Whole.LabelWords);
        (Whole with { Task = "wsc", Template = null, LabelWords = null }).ToTask()!.Text.Should().NotBeNull();
        (Whole with { Task = null, Template = null, LabelWords = null }).ToTask().Should().BeNull();
    }

    [Fact]
    public void Keys_of_a_later_version_are_passed_over()
    {
        var text = Text();
        _folder.Write(PromptContract.FileName, text.Replace("\"task\"", "\"tomorrow\": [1, {}], \"task\"", StringComparison.Ordinal));
        Read().Task.Should().Be("reviews");
    }

    [Theory]
    [InlineData("{", "*residual_prompt.json: cannot be read as JSON*")]
    [InlineData("[]", "*residual_prompt.json: expected a JSON object, found []")]
    [InlineData("{}", "*format_version is missing, expected 1*another version*")]
    [InlineData("{\"format_version\": 2}", "*format_version is 2, expected 1*")]
    [InlineData("{\"format_version\": 1}", "*backbone is missing*")]
    public void A_file_that_is_no_contract_is_refused(string text, string message)
    {
        _folder.Write(PromptContract.FileName, text);
        FluentActions.Invoking(Read).Should().Throw<AdapterException>().WithMessage(message);
    }

    [Theory]
    [InlineData("\"hidden_size\": 20", "\"hidden_size\": 0", "*backbone.hidden_size is 0, expected a whole number of at least 1")]
    [InlineData("\"name\": \"google/t5-base\"", "\"name\": null", "*backbone.name is missing")]
    [InlineData("sha256:1111", "sha512:1111", "*backbone.weights_digest is 'sha512:1*expected sha256: and 64 hexadecimal digits*")]
    [InlineData("\"num_virtual_tokens\": 4", "\"num_virtual_tokens\": 4.5", "*num_virtual_tokens is 4.5*")]
    [InlineData("\"evaluation\": \"generate\"", "\"evaluation\": \"guess\"", "*evaluation is 'guess', expected labels or generate")]
    [InlineData("\"value\": \"1\"", "\"value\": 1", "*label_words[0].value is 1, expected a text")]
    [InlineData("\"word\": \"good\"", "\"word\": \"bad\"", "*label_words cannot be used*'bad' stands for two values*")]
    [InlineData("\"split\": \"validation\"", "\"split\": []", "*metric.split is [], expected a text")]
    [InlineData("\"task\": \"reviews\"", "\"task\": \"\\ud800\"", "*cannot be read as JSON*")]
    public void A_broken_field_is_named(string part, string broken, string message)
    {
        var text = Text();
        text.Should().Contain(part);
        _folder.Write(PromptContract.FileName, text.Replace(part, broken, StringComparison.Ordinal));
        FluentActions.Invoking(Read).Should().Throw<AdapterException>().WithMessage(message);
    }

    private PromptContract Read() => PromptContract.Find(_folder.Path)!;

    private string Text()
    {
        Whole.Write(_folder.Path);
        return File.ReadAllText(_folder.File(PromptContract.FileName));
    }
}

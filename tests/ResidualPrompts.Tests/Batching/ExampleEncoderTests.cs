using CsCheck;
using ResidualPrompts.Batching;
using ResidualPrompts.Tasks;
using ResidualPrompts.Tests.Data;
using ResidualPrompts.Tests.Tokenization;

namespace ResidualPrompts.Tests.Batching;

public sealed class ExampleEncoderTests
{
    private const int MaxInputTokens = 64;
    private const int VirtualTokens = 10;
    private static readonly Gen<string> Sentences = Gen.Int[0, 5].Array[0, 120]
        .Select(words => string.Join(' ', words.Select(word => new[] { "a", "dull", "film", "about", "remarkable", "towns ." }[word])));

    [Theory]
    [InlineData("boolq", "passage", "question")]
    [InlineData("cb", "premise", "hypothesis")]
    [InlineData("qnli", "text2", "text1")]
    [InlineData("dbpedia_14", "content", "title")]
    public void Only_the_long_field_is_cut_and_the_other_stays_whole(string name, string cut, string kept) =>
        Sentences.Sample(text =>
        {
            var task = BuiltInTasks.Find(name);
            var row = Rows.Json($$"""{"{{cut}}":"{{text}}","{{kept}}":"is it a good film ?"}""")[0];
            var read = task.Read(row);
            var whole = NanoTokenizer.Instance.Encode(read.Text);
            var split = Encoder(task).Encode([row], needsTargets: false);
            var ids = split.Examples[0].InputIds;
            split.CutCount.Should().Be(whole.Length > MaxInputTokens - VirtualTokens ? 1 : 0);
            ids.Length.Should().Be(Math.Min(whole.Length, MaxInputTokens - VirtualTokens));
            ids[^1].Should().Be(1);
            NanoTokenizer.Instance.Decode(ids).Should().Contain($"{kept}: is it a good film");
            if (split.CutCount == 0)
                ids.Should().Equal(whole);
        });

    [Fact]
    public void The_longest_field_is_cut_where_the_task_names_none()
    {
        var task = new TaskDefinition { Name = "own", Template = Template.Parse("{a} and {b}"), Labels = LabelWords.Of("x", "y") };
        var row = Rows.Json($$"""{"a":"a film","b":"{{string.Join(' ', Enumerable.Repeat("dull", 200))}}"}""")[0];
        var ids = Encoder(task).Input(task.Read(row));
        ids.Should().HaveCount(MaxInputTokens - VirtualTokens);
        NanoTokenizer.Instance.Decode(ids).Should().StartWith("a film and dull");
    }

    [Fact]
    public void What_stands_around_the_field_is_cut_only_when_it_is_too_long_by_itself()
    {
        var task = BuiltInTasks.Find("boolq");
        var row = Rows.Json($$"""{"passage":"a film","question":"{{string.Join(' ', Enumerable.Repeat("dull", 200))}}"}""")[0];
        var ids = Encoder(task).Input(task.Read(row));
        ids.Should().HaveCount(MaxInputTokens - VirtualTokens);
        ids[^1].Should().Be(1);
        NanoTokenizer.Instance.Decode(ids).Should().StartWith("passage: a film question: dull");
    }

    [Fact]
    public void The_original_loses_the_end_of_prompt_and_text_with_its_eos()
    {
        var task = OriginalTasks.Find("boolq");
        var row = Rows.Json($$"""{"passage":"{{string.Join(' ', Enumerable.Repeat("dull", 200))}}","question":"is it ?","label":1}""")[0];
        var whole = NanoTokenizer.Instance.Encode(task.Read(row).Text);
        Encoder(task).Input(task.Read(row)).Should().Equal(whole.Take(MaxInputTokens - VirtualTokens));
        new ExampleEncoder(task, NanoTokenizer.Instance, MaxInputTokens, 0, _ => null).Input(task.Read(row))
            .Should().Equal([.. whole.Take(MaxInputTokens - 1), 1]);
    }

    [Fact]
    public void Candidates_are_encoded_whole_and_a_row_without_any_is_an_error()
    {
        var task = BuiltInTasks.Find("record");
        var row = Rows.Json("""{"passage":"p","query":"q","entities":["a film","Ann"],"answers":["Ann"]}""")[0];
        var example = Encoder(task).Encode([row], needsTargets: true).Examples[0];
        example.CandidateIds.Should().BeEquivalentTo([NanoTokenizer.Instance.Encode("a film"), NanoTokenizer.Instance.Encode("Ann")], options =>
            options.WithStrictOrdering());
        FluentActions.Invoking(() => Encoder(task).Encode([Rows.Json("""{"passage":"p","query":"q","entities":[]}""")[0]], needsTargets: false))
            .Should().Throw<InputException>().WithMessage("*line 1: the row has no candidates to choose from");
    }

    private static ExampleEncoder Encoder(TaskDefinition task) => new(task, NanoTokenizer.Instance, MaxInputTokens, VirtualTokens, _ => null);
}

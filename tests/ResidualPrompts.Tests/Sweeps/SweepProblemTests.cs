using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Sweeps;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Sweeps;

/// <summary>A bad sweep file is refused with one message, which has every problem with its line and column.</summary>
public sealed class SweepProblemTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public SweepProblemTests() => SweepText.Prepare(_folder);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{", "1:2: *")]
    [InlineData("[]", "1:1: is a list, expected an object *")]
    [InlineData("{\"bas\": {}}", "1:2: bas: 'bas' is not a key of a sweep file; did you mean base.")]
    [InlineData("{\"base\": {$, \"epochs\": 2}}", "*:*: base.epochs: 'epochs' stands there twice.")]
    [InlineData("{\"base\": {$, \"learning_rat\": 1}}", "*:*: base.learning_rat: 'learning_rat' is not a setting; did you mean learning_rate.")]
    [InlineData("{\"base\": {$}, \"axes\": {\"bottleneck\": [1]}}",
        "*:*: axes.bottleneck: 'bottleneck' is not a setting; did you mean bottleneck_size.")]
    [InlineData("{\"base\": {$}, \"axes\": {\"learning_rate\": 1}}", "*:*: axes.learning_rate: is 1, expected a list of values.")]
    [InlineData("{\"base\": {$}, \"axes\": {\"learning_rate\": []}}", "*:*: axes.learning_rate: is empty, expected a list of values.")]
    [InlineData("{\"base\": {$}, \"axes\": {\"learning_rate\": [1, \"x\"]}}", "*:*: axes.learning_rate?1?: is *x*, expected a number.")]
    [InlineData("{\"base\": {$}, \"axes\": {\"learning_rate\": [1, -1]}}", "*:*: axes.learning_rate?1?: is -1, expected a number above 0.")]
    [InlineData("{\"base\": {$}, \"axes\": {\"learning_rate\": [1, 1.0]}}", "*:*: axes.learning_rate?1?: 1.0 stands there twice.")]
    [InlineData("{\"base\": {$}, \"seeds\": [0, 1, 0]}", "*:*: seeds?2?: seed 0 stands there twice.")]
    [InlineData("{\"base\": {$, \"seed\": 3}, \"seeds\": [0]}", "*:*: base.seed: seed is given beside seeds; give one of them.")]
    [InlineData("{\"base\": {$, \"save_dir\": \"x\"}}", "*:*: base.save_dir: save_dir stands at the top of the file and holds for all runs.")]
    [InlineData("{\"base\": {$}, \"axes\": {\"save_name\": [\"x\"]}}", "*:*: axes.save_name: the sweep names its runs; *")]
    [InlineData("{\"base\": {$}, \"groups\": {}}", "*:*: groups: is empty, expected an object with a group for each name.")]
    [InlineData("{\"base\": {$}, \"groups\": {\"a\": {\"lable\": \"A\"}}}",
        "*:*: groups.a.lable: 'lable' is not a key of a group; did you mean label.")]
    [InlineData("{\"base\": {$}, \"threads\": 0}", "*:*: threads: is 0, expected a whole number from 1 to 4096.")]
    [InlineData("{\"base\": {$}, \"runs\": [{\"save_name\": \"a\", \"learning_rate\": 1}, {\"save_name\": \"a\"}]}",
        "*:*: runs?1?: the name a is that of two runs, which differ in learning_rate *")]
    [InlineData("{\"base\": {$}, \"exclude\": [{\"epochs\": 1}]}", "*: the file has no run that is not excluded.")]
    [InlineData("{\"base\": {$}, \"axes\": {\"seed\": [1,2]}, \"refine\": {\"choose\": \"learning_rate\", \"seeds\": [1]}}",
        "*: refine chooses learning_rate, which has one value in the file.")]
    [InlineData(
        "{\"base\": {$}, \"axes\": {\"learning_rate\": [1,2]}, \"refine\": {\"choose\": \"learning_rate\", \"by\": \"test\", \"seeds\": [1]}}",
        "*: refine.by: is \"test\", expected validation or validation:METRIC: *")]
    [InlineData("{\"base\": {$, \"test\": true}}", "*:*: base.test: has nothing to score: * has no test split.")]
    [InlineData("{\"base\": {$, \"task\": \"sbj\"}}", "*:*: base.task: cannot be used: *sbj*")]
    [InlineData("{\"base\": {$, \"prompt_init\": \"file:none.npy\"}}", "*:*: base.prompt_init: names *none.npy, which does not exist.")]
    [InlineData("{\"base\": {$, \"train\": \"none.jsonl\"}}", "*:*: *none.jsonl*")]
    public void Each_problem_has_its_place(string json, string expected)
    {
        var problems = SweepText.Problems(_folder, json.Replace("$", SweepText.Base, StringComparison.Ordinal));
        problems.Should().ContainSingle().Which.Should().Match(expected);
    }

    [Theory]
    [InlineData("\"halving\": {\"rungs\": [2], \"keep\": 0.3}", "*: halving.rungs: is a list, expected a list of two or more budgets*")]
    [InlineData("\"halving\": {\"rungs\": [2, 2], \"keep\": 0.3}", "*: halving.rungs?1?: is 2, expected more than the rung before it, 2.")]
    [InlineData("\"halving\": {\"rungs\": [2, \"4 steps\"], \"keep\": 0.3}", "*: halving.rungs?1?: is \"4 steps\", expected epochs*")]
    [InlineData("\"halving\": {\"rungs\": [2, \"3steps\"], \"keep\": 0.3}", "*: halving has rung 3steps (3 steps) after rung 2 (4 steps).")]
    [InlineData("\"halving\": {\"rungs\": [2, 4], \"keep\": 1}", "*: halving.keep: is 1, expected a number above 0 and below 1.")]
    [InlineData("\"halving\": {\"rungs\": [2, 60], \"keep\": 0.3}", "*: evaluate_every is not given, and its default changes between rung 2 *")]
    [InlineData("\"base\": {$, \"schedule\": \"linear\"}, \"halving\": {\"rungs\": [2, 4], \"keep\": 0.3}", "*: base.schedule: is not constant: *")]
    [InlineData("\"base\": {$, \"patience\": 2}, \"halving\": {\"rungs\": [2, 4], \"keep\": 0.3}", "*: base.patience: has no place with halving*")]
    [InlineData("\"base\": {$, \"epochs\": 2}, \"halving\": {\"rungs\": [2, 4], \"keep\": 0.3}", "*: base.epochs: is 2, expected *the last rung 4.")]
    [InlineData("\"base\": {$, \"validation_fraction\": 0}, \"halving\": {\"rungs\": [2, 4], \"keep\": 0.3}", "*: halving has nothing to compare: *")]
    public void What_does_not_fit_halving_is_refused(string json, string expected)
    {
        const string tiny = "\"model\": \"model\", \"data\": \"rows\", \"batch_size\": 20";
        if (expected.Contains("nothing to compare", StringComparison.Ordinal))
            File.Delete(_folder.File("rows/validation.jsonl"));
        var whole = json.StartsWith("\"base", StringComparison.Ordinal) ? json : $"\"base\": {{$}}, {json}";
        var problems = SweepText.Problems(_folder, $"{{{whole.Replace("$", tiny, StringComparison.Ordinal)}}}");
        problems.Should().ContainSingle().Which.Should().Match(expected);
    }

    [Fact]
    public void All_problems_are_reported_at_once_in_the_order_of_the_file()
    {
        var problems = SweepText.Problems(_folder, $$"""
            {
              // Columns count characters: äöü.
              "base": { {{SweepText.Base}}, "clip": -1 },
              "axes": { "learning_rate": [0.1, "hot"], /* äöü */ "droput": [0] },
              "seeds": [0.5],
            }
            """);
        problems.Should().Equal(
            "4:36: axes.learning_rate[1]: is \"hot\", expected a number.",
            "4:54: axes.droput: 'droput' is not a setting; did you mean dropout.",
            "5:13: seeds[0]: is 0.5, expected a whole number.");
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() => FluentActions.Invoking(() => SweepFile.Read(_folder.File("none.json")))
        .Should().Throw<RunSpecException>().Which.Kind.Should().Be(ProblemKind.Inaccessible);

    [Fact]
    public void Axes_that_multiply_to_more_runs_than_anybody_trains_are_refused()
    {
        var axis = string.Join(",", Enumerable.Range(1, 400));
        SweepText.Problems(_folder, $$"""{"base": { {{SweepText.Base}} }, "axes": {"batch_size": [{{axis}}], "seed": [{{axis}}]} }""")
            .Should().ContainSingle().Which.Should().Match("*: asks for 160000 runs, expected at most 100000.");
    }
}

using System.Text.Json;
using Json.Schema;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>The shipped schema takes what the program takes, and refuses the mistakes of form that the program refuses.</summary>
public sealed class SweepSchemaTests
{
    private static readonly Lazy<JsonSchema> Schema = new(() =>
        JsonSchema.FromText(File.ReadAllText(Path.Combine(Snapshot.Repository(), "assets", "schemas", "sweep.schema.json"))));

    [Fact]
    public async Task The_command_prints_the_shipped_schema()
    {
        var printed = (await InProcess.Run("sweep", "schema")).ShouldSucceed().Output;
        Snapshot.Match("../../../assets/schemas/sweep.schema.json", printed);
    }

    [Theory]
    [InlineData("nano.json")]
    [InlineData("halving.json")]
    [InlineData("paper.json")]
    public void The_samples_fit_it(string name) =>
        Fits(File.ReadAllText(Path.Combine(Snapshot.Repository(), "samples", "sweeps", name))).Should().BeTrue();

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "base": { "task": "subj", "clip": null, "skip": false, "reparameterization": "mlp2-tied", "label_words": "0=a,1=b" } }""")]
    [InlineData("""{ "axes": { "learning_rate": [0.1, 1] }, "runs": [ { "save_name": "one" } ], "seeds": [0, -1], "exclude": [ { "seed": 3 } ] }""")]
    [InlineData("""{ "groups": { "a": { "label": "A", "refine": { "choose": "learning_rate", "by": "validation:f1", "seeds": [1] } } } }""")]
    [InlineData("""{ "halving": { "metric": "accuracy", "rungs": [2, "200steps"], "keep": 0.34 }, "threads": 2, "save_dir": "x" }""")]
    [InlineData("""{ "refine": { "choose": ["learning_rate", "prompt_length"], "seeds": [1] } }""")]
    public void What_the_program_reads_fits_it(string json) => Fits(json).Should().BeTrue();

    [Theory]
    [InlineData("[]")]
    [InlineData("""{ "bas": {} }""")]
    [InlineData("""{ "base": { "learning_rat": 1 } }""")]
    [InlineData("""{ "base": { "learning_rate": "1" } }""")]
    [InlineData("""{ "base": { "epochs": 1.5 } }""")]
    [InlineData("""{ "base": { "skip": "no" } }""")]
    [InlineData("""{ "base": { "reparameterization": "mpl" } }""")]
    [InlineData("""{ "base": { "save_dir": "x" } }""")]
    [InlineData("""{ "base": { "save_name": "x" } }""")]
    [InlineData("""{ "axes": { "learning_rate": 1 } }""")]
    [InlineData("""{ "axes": { "learning_rate": [] } }""")]
    [InlineData("""{ "axes": { "learning_rate": [1, 1] } }""")]
    [InlineData("""{ "axes": { "save_name": ["a"] } }""")]
    [InlineData("""{ "runs": [] }""")]
    [InlineData("""{ "runs": { "seed": 1 } }""")]
    [InlineData("""{ "seeds": [0, 0] }""")]
    [InlineData("""{ "seeds": 3 }""")]
    [InlineData("""{ "exclude": [ { "save_name": "a" } ] }""")]
    [InlineData("""{ "groups": {} }""")]
    [InlineData("""{ "groups": { "a": { "lable": "A" } } }""")]
    [InlineData("""{ "groups": { "a": { "save_dir": "A" } } }""")]
    [InlineData("""{ "refine": { "choose": "learning_rate" } }""")]
    [InlineData("""{ "refine": { "choose": "rate", "seeds": [1] } }""")]
    [InlineData("""{ "refine": { "choose": "learning_rate", "by": "test", "seeds": [1] } }""")]
    [InlineData("""{ "threads": 0 }""")]
    [InlineData("""{ "halving": { "rungs": [2], "keep": 0.3 } }""")]
    [InlineData("""{ "halving": { "rungs": [2, "4 steps"], "keep": 0.3 } }""")]
    [InlineData("""{ "halving": { "rungs": [2, 4], "keep": 1 } }""")]
    public async Task A_mistake_of_form_fits_neither_the_schema_nor_the_program(string json)
    {
        Fits(json).Should().BeFalse();
        using var folder = new TemporaryFolder();
        (await InProcess.Run("sweep", "plan", folder.Write("sweep.json", json))).ExitCode.Should().Be(ExitCode.BadInput);
    }

    private static bool Fits(string json)
    {
        var options = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        using var document = JsonDocument.Parse(json, options);
        return Schema.Value.Evaluate(document.RootElement).IsValid;
    }
}

using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Data;
using ResidualPrompts.Data.Splits;
using ResidualPrompts.Prompts;
using ResidualPrompts.Runs;
using ResidualPrompts.Tasks;
using ResidualPrompts.Testing;
using ResidualPrompts.Tokenization;
using ResidualPrompts.Training;
using static TorchSharp.torch;

namespace ResidualPrompts.CultureTests;

/// <summary>What stands in files, and what is said of it.</summary>
public sealed class FileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cultures => Culture.All;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Rows_are_read_alike(string name)
    {
        string[] paths =
        [
            _folder.Write("rows.jsonl", """{"text":"İI ıi","score":0.5,"number":-3,"LABEL":1e-7,"flag":true}""" + "\n"),
            _folder.Write("rows.csv", "text,score,number,LABEL\n\"1,5 and 1.5\",0.5,-3,\"1.000,5\"\n"),
            _folder.Write("rows.tsv", "text\tscore\tnumber\tLABEL\n1,5\t0.5\t-3\t1;5\n"),
        ];
        Culture.Same(name, () => paths.SelectMany(path => ExampleFile.ReadAll(path)).SelectMany(row => new[]
        {
            row.ToString(), row.Value("text"), row.Value("score"), row.Value("number"), row.Value("LABEL"), row.Integer("number")
                .ToString(System.Globalization.CultureInfo.InvariantCulture),
            FluentActions.Invoking(() => row.Value("label")).Should().Throw<DataException>().Which.Message,
            FluentActions.Invoking(() => row.Integer("score")).Should().Throw<DataException>().Which.Message,
        }));
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void A_kind_of_file_is_known_in_capitals(string name)
    {
        using var culture = Culture.Of(name);
        ExampleFile.CanRead("ROWS.JSONL.GZ").Should().BeTrue();
        ExampleFile.CanRead("Rows.Csv").Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void An_adapter_is_written_and_read_alike(string name)
    {
        Dictionary<string, string> Files()
        {
            var directory = Directory.CreateDirectory(_folder.File("adapter")).FullName;
            var contract = new PromptContract
            {
                Backbone = new BackboneIdentity("t5-nano", null, "sha256:" + new string('1', 64), "sha256:" + new string('2', 64), 2),
                VirtualTokenCount = 2,
                Task = "imdb",
                Template = "{TITLE} {i}",
                LabelWords = LabelWords.Parse("I=İi,i=Iı"),
                Metric = new ContractMetric("accuracy", "validation", 2.0 / 3),
                Seed = -7,
                Reparameterization = "mlp2_tied",
            };
            using var prompt = new PlainPrompt(tensor(new[] { 0.5f, -1.25f, 1e-7f, 3f }, 2, 2));
            PeftAdapter.Write(directory, prompt, new PeftConfig(1, null, "t5-nano", null, 2, 2));
            contract.Write(directory);
            PromptContract.Find(directory).Should().BeEquivalentTo(contract);
            using var read = PromptFile.Read(directory);
            read.Forward().data<float>().ToArray().Should().Equal(0.5f, -1.25f, 1e-7f, 3f);
            return Directory.GetFiles(directory).Order(StringComparer.Ordinal)
                .ToDictionary(file => Path.GetFileName(file), file => Convert.ToHexString(File.ReadAllBytes(file)));
        }

        var (here, invariant) = Culture.Both(name, Files);
        here.Should().Equal(invariant).And.HaveCountGreaterThan(2);
    }

    [Theory]
    [MemberData(nameof(Cultures))]
    public void Numbers_in_messages_are_written_alike(string name)
    {
        InputException[] Problems() =>
        [
            RunException.DiskFull("runs", 1_234_567_890, 9_876_543_210),
            RunException.NoSplit("runs", DataSplit.Validation),
            DataException.AtLine("rows.csv", 1_234_567, "wrong"),
            TokenizerException.NegativeId(-100),
            BackboneException.PromptWidth(20, 1_000_000),
            AdapterException.Shape("prompt.npy", [0, 1_000_000]),
        ];
        Culture.Same(name, () => Problems().Select(problem => problem.Message)
            .Append(TrainingDivergedException.At(1_234_567, 3, 0.5, double.PositiveInfinity, 0.3).Message)
            .Append(TrainingDivergedException.At(1, 1, double.NaN, 12345.678, 1e-4).Message));
        using var culture = Culture.Of(name);
        TokenizerException.NegativeId(-100).Message.Should().StartWith("-100 is not a token id");
        RunException.DiskFull("runs", 1_234_567_890, 9_876_543_210).Message.Should().Contain("has 1235 MB free");
        TrainingDivergedException.At(1, 1, 0.25, 1.5, 0.3).Message.Should().Contain("loss 0.25, gradient norm 1.5").And.Contain("learning rate 0.3");
    }
}

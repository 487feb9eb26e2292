// Loads released prompts and predicts with each, and with all of them together in one pass:
//   dotnet run --project samples/02-use-a-prompt -- runs/first/adapter [another adapter directory of the same task ...]
using ResidualPrompts.Adapters;
using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Data;
using ResidualPrompts.Scoring;
using ResidualPrompts.Tasks;

const string Model = "t5-nano";
using var backbone = ModelCatalog.Load(Model);
var released = args.Select(path => ReleasedPrompt.Load(path, backbone, Model)).ToArray();

// The contract beside a prompt knows its task: what text the model reads, and what the answers are.
var task = released[0].Contract!.ToTask()!;
var labels = LabelSet.Of(backbone.Tokenizer, task.LabelWords!.Words);
string[] sentences = ["a clumsy script drowns the few honest moments .", "two brothers travel to paris to find their father ."];
int[][] inputs = [.. sentences.Select(sentence => backbone.Tokenizer.Encode(task.Read(Example.Of("sentence", sentence)).Text))];

var predictor = new PromptPredictor(backbone.Model);
foreach (var (sentence, prediction) in sentences.Zip(predictor.Predict(inputs, [.. released.Select(one => one.Prompt)], labels)))
    Console.WriteLine($"{labels.Names[prediction.LabelIndex]}  {prediction.Probabilities[prediction.LabelIndex]:0.00}  {sentence}");

foreach (var one in released)
    one.Dispose();

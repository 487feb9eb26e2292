// Labels sentences with a trained prompt:
//   dotnet run --project samples/02-use-a-prompt -- runs/first/adapter
using ResidualPrompts.Classification;

using var classifier = PromptClassifier.Open(args[0]); // finds the model that the prompt was trained on
Console.WriteLine(classifier.Predict("two brothers travel to paris to find their father .").Label);

// Several sentences share batches. An answer includes the probability of its label.
string[] sentences = ["a clumsy script drowns the few honest moments .", "when her brother disappears , anna travels to the coast to find him ."];
foreach (var (sentence, answer) in sentences.Zip(classifier.Predict(sentences)))
    Console.WriteLine($"{answer.Label}  {answer.Probability:0.00}  {sentence}");

// Trains a residual prompt for the bundled model on a few examples and classifies two sentences with it.
using ResidualPrompts.Data;
using ResidualPrompts.Evaluation;
using ResidualPrompts.Predictions;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Training;

var spec = new RunSpec
{
    Task = "subj", // is a sentence from a film review or from a plot summary?
    Model = "t5-nano",
    Reparameterization = Reparameterization.Mlp,
    BottleneckSize = 128,
    FewShot = 100,
    ValidationPerClass = 50,
    Epochs = 2,
    SaveDir = args.Length > 0 ? args[0] : "runs",
    SaveName = "sample-01",
};
using var run = TrainingRun.Train(spec, RunMode.Overwrite, new RunObserver(OnEvent: trainingEvent =>
{
    if (trainingEvent is EvaluationCompleted evaluation)
        Console.WriteLine($"epoch {evaluation.Epoch}: validation accuracy {evaluation.Metrics["accuracy"]:0.000}");
}));
Console.WriteLine($"released: validation accuracy {run.Validation["accuracy"]:0.000}");

using var trained = TrainedRun.Open(run);
Example[] rows =
[
    Example.Of("sentence", "a clumsy script drowns the few honest moments ."),
    Example.Of("sentence", "two brothers travel to paris to find their father ."),
];
foreach (var prediction in trained.Predict(rows))
    Console.WriteLine($"{prediction.Predicted}  ({string.Join(", ", prediction.Scores!.Select(score => $"{score:0.00}"))})");

using ResidualPrompts.Data.Splits;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Predictions;

/// <summary>The files beside a file of predictions.</summary>
internal sealed class PredictionPaths
{
    private static readonly string[] Extensions = [".jsonl", ".csv", ".tsv", ".parquet"];

    /// <exception cref="RunException">It is a kind of file that is not written.</exception>
    public PredictionPaths(PredictionJobOptions spec)
    {
        (Output, Errors) = (Path.GetFullPath(spec.Output), Path.GetFullPath(spec.ErrorFile));
        if (!Extensions.Contains(Extension))
            throw RunException.OutputKind(spec.Output, Extensions);
    }

    public string Output { get; }

    public string Extension => Path.GetExtension(Output).ToLowerInvariant();

    public bool IsParquet => ExampleFile.IsParquet(Output);

    public bool IsTable => Extension is ".csv" or ".tsv";

    /// <summary>What grows row by row: the output itself, or lines of JSON that become Parquet in the end.</summary>
    public string Rows => IsParquet ? Output + ".rows.jsonl" : Output;

    /// <summary>The bad rows.</summary>
    public string Errors { get; }

    /// <summary>What the output is made of and how far it is.</summary>
    public string Progress => Output + ".progress.json";

    /// <summary>Removes what a process left that was killed while it wrote a file whole.</summary>
    public void RemoveLeftovers()
    {
        foreach (var file in new[] { Output, Progress })
        {
            foreach (var leftover in AtomicFile.Leftovers(file))
                Disk.Delete(leftover);
        }
    }
}

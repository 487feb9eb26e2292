using ResidualPrompts.Data.Splits;
using ResidualPrompts.Files;
using ResidualPrompts.Runs;

namespace ResidualPrompts.Predictions;

/// <summary>The paths of a prediction file and the files beside it.</summary>
internal sealed class PredictionPaths
{
    private static readonly string[] Extensions = [".jsonl", ".csv", ".tsv", ".parquet"];

    /// <exception cref="RunException">The output format is not supported.</exception>
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

    /// <summary>The file that grows row by row: the output itself, or JSON Lines that are converted to Parquet at the end.</summary>
    public string Rows => IsParquet ? Output + ".rows.jsonl" : Output;

    /// <summary>The file of bad rows.</summary>
    public string Errors { get; }

    /// <summary>The checkpoint: the inputs of the output and its progress.</summary>
    public string Progress => Output + ".progress.json";

    /// <summary>Removes temporary files of a process that was killed during an atomic write.</summary>
    public void RemoveLeftovers()
    {
        foreach (var file in new[] { Output, Progress })
        {
            foreach (var leftover in AtomicFile.Leftovers(file))
                Disk.Delete(leftover);
        }
    }
}

using System.Globalization;
using ResidualPrompts.Catalog;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>The model of a measurement: an existing folder, or a shape with random weights in a temporary folder that this object owns.</summary>
internal sealed class BenchmarkModel : IDisposable
{
    private readonly ScratchFolder? _temporary;

    private BenchmarkModel(string folder, ScratchFolder? temporary) => (Folder, _temporary) = (folder, temporary);

    /// <summary>The Hugging Face folder of the model.</summary>
    internal string Folder { get; }

    /// <summary>
    /// Locates or creates the model. A child process writes the weights of a shape, to keep them out of this process's peak memory.
    /// </summary>
    /// <param name="name">A bundled name, a folder, or <c>shape:NAME</c>.</param>
    /// <param name="seed">Seed of random weights.</param>
    internal static BenchmarkModel Open(string name, long seed)
    {
        if (!ModelShapes.IsShape(name))
            return new BenchmarkModel(BundledModels.Locate(name), null);
        _ = ModelShapes.Find(name);
        var temporary = new ScratchFolder();
        try
        {
            OwnProgram.Run(["bench", "model", name, temporary.Path, "--seed", seed.ToString(CultureInfo.InvariantCulture)]);
            temporary.HoldCaches();
            return new BenchmarkModel(temporary.Path, temporary);
        }
        catch
        {
            temporary.Dispose();
            throw;
        }
    }

    public void Dispose() => _temporary?.Dispose();
}

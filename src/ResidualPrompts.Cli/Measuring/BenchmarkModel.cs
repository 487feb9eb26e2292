using System.Globalization;
using ResidualPrompts.Catalog;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>The model of a measurement: a folder, or a shape, whose random weights lie in a temporary folder as long as this object lives.</summary>
internal sealed class BenchmarkModel : IDisposable
{
    private readonly ScratchFolder? _temporary;

    private BenchmarkModel(string folder, ScratchFolder? temporary) => (Folder, _temporary) = (folder, temporary);

    /// <summary>Its Hugging Face folder.</summary>
    internal string Folder { get; }

    /// <summary>Finds or makes it. A shape is written by a process of its own, for this one's peak of memory is to be that of its work.</summary>
    /// <param name="name">A bundled name, a folder, or <c>shape:NAME</c>.</param>
    /// <param name="seed">Rules random weights.</param>
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

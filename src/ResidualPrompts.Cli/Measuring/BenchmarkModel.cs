using System.Globalization;
using ResidualPrompts.Models;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>The model of a measurement: a folder, or a shape, whose random weights lie in a temporary folder as long as this object lives.</summary>
internal sealed class BenchmarkModel : IDisposable
{
    private readonly string? _temporary;

    private BenchmarkModel(string name, string folder, string? temporary)
    {
        (Name, Folder, _temporary) = (name, folder, temporary);
        AppDomain.CurrentDomain.ProcessExit += OnExit; // Ctrl-C ends the process without unwinding
    }

    /// <summary>How it was called.</summary>
    internal string Name { get; }

    /// <summary>Its Hugging Face folder.</summary>
    internal string Folder { get; }

    /// <summary>Finds or makes it. A shape is written by a process of its own, for this one's peak of memory is to be that of its work.</summary>
    /// <param name="name">A bundled name, a folder, or <c>shape:NAME</c>.</param>
    /// <param name="seed">Rules random weights.</param>
    internal static BenchmarkModel Open(string name, long seed)
    {
        if (!ModelShapes.IsShape(name))
            return new BenchmarkModel(name, BundledModels.Locate(name), null);
        _ = ModelShapes.Find(name);
        var folder = Directory.CreateTempSubdirectory("residual-prompts-shape-").FullName;
        var model = new BenchmarkModel(name, folder, folder);
        try
        {
            OwnProgram.Run("bench", "model", name, folder, "--seed", seed.ToString(CultureInfo.InvariantCulture));
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Delete();
    }

    private void OnExit(object? sender, EventArgs e) => Delete();

    private void Delete()
    {
        if (_temporary is not null && Directory.Exists(_temporary))
            Directory.Delete(_temporary, recursive: true);
    }
}

using ResidualPrompts.Backbones;
using ResidualPrompts.Models.T5;
using ResidualPrompts.Native;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>A loaded model, from a folder or of a shape with random weights.</summary>
internal sealed class LoadedBackbone : IDisposable
{
    private readonly BenchmarkModel _model;

    private LoadedBackbone(BenchmarkModel model, Backbone backbone) => (_model, Backbone) = (model, backbone);

    internal Backbone Backbone { get; }

    internal T5Model Model => Backbone.Model;

    /// <summary>Locates or creates a model and loads it.</summary>
    /// <param name="name">A bundled name, a folder, or <c>shape:NAME</c>.</param>
    /// <param name="settings">Compute mode, trained weights, and the seed of random weights.</param>
    internal static LoadedBackbone Open(string name, StepSettings settings)
    {
        var model = BenchmarkModel.Open(name, settings.Seed);
        try
        {
            LibTorch.EnsureLoaded();
            return new LoadedBackbone(model,
                Backbone.Load(model.Folder, BackboneOptions.Default with { Mode = settings.Mode }, settings.TrainsWeights));
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Backbone.Dispose();
        _model.Dispose();
    }
}

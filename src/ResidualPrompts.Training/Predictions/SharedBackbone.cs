using ResidualPrompts.Backbones;
using ResidualPrompts.Catalog;
using ResidualPrompts.Native;

namespace ResidualPrompts.Predictions;

/// <summary>
/// Holds the backbones of the runs that were opened last, so that runs on one model, opened together or one after another, load it once.
/// </summary>
/// <param name="options">How the backbones compute; null = the defaults.</param>
internal sealed class SharedBackbone(BackboneOptions? options = null) : IDisposable
{
    private readonly Dictionary<(string Model, string? Revision), Backbone> _backbones = [];

    /// <summary>Number of backbones that were loaded.</summary>
    internal int LoadCount { get; private set; }

    /// <summary>Frees all backbones but those of some models; nothing may use them any more.</summary>
    /// <param name="models">Names or folders of models, with their revisions.</param>
    internal void Keep(IReadOnlyList<(string Model, string? Revision)> models)
    {
        foreach (var (key, backbone) in _backbones.Where(pair => !models.Contains(pair.Key)).ToList())
        {
            backbone.Dispose();
            _backbones.Remove(key);
        }
    }

    /// <summary>The backbone of a model.</summary>
    /// <param name="model">A bundled name, a folder, or a name on the hub.</param>
    /// <param name="revision">Branch, tag or commit of a model on the hub; null = main.</param>
    /// <exception cref="InputException">There is no such model, or a file is missing, broken, or does not fit.</exception>
    internal Backbone Get(string model, string? revision)
    {
        if (_backbones.TryGetValue((model, revision), out var held))
            return held;
        LibTorch.EnsureLoaded();
        var backbone = ModelCatalog.Load(model, revision, options);
        _backbones.Add((model, revision), backbone);
        LoadCount++;
        return backbone;
    }

    /// <inheritdoc/>
    public void Dispose() => Keep([]);
}

using ResidualPrompts.Backbones;
using ResidualPrompts.Hub;

namespace ResidualPrompts.Catalog;

/// <summary>Finds a model by name: a bundled model, a folder, or a model in the hub's cache, in this order. Downloads nothing.</summary>
public static class ModelCatalog
{
    /// <summary>
    /// Whether a name can only be a model of the hub, which may have to be downloaded first: a well-formed name that is not written as a path.
    /// </summary>
    /// <param name="nameOrFolder">A bundled name, a folder, or a name on the hub.</param>
    public static bool IsOnHub(string nameOrFolder) =>
        !BundledModels.Names.Contains(nameOrFolder) && !Path.Exists(nameOrFolder) && !NearestPath.LooksLocal(nameOrFolder)
        && HubRepository.IsName(nameOrFolder);

    /// <summary>Loads a backbone by name.</summary>
    /// <param name="nameOrFolder">A bundled name, a Hugging Face folder, or a name on the hub.</param>
    /// <param name="revision">Branch, tag or commit of a model on the hub; default <c>main</c>.</param>
    /// <param name="options">How the backbone computes; null = the defaults.</param>
    /// <param name="trainable">Whether the weights will be trained. Otherwise the model is frozen and its weights are prepared for speed.</param>
    /// <exception cref="InputException">There is no such model, or a file is missing, broken, or does not fit; the message says which.</exception>
    public static Backbone Load(string nameOrFolder, string? revision = null, BackboneOptions? options = null, bool trainable = false) =>
        Backbone.Load(Locate(nameOrFolder, revision), options, trainable);

    /// <summary>Returns the folder of a model.</summary>
    /// <param name="nameOrFolder">A bundled name, a Hugging Face folder, or a name on the hub.</param>
    /// <param name="revision">Branch, tag or commit of a model on the hub; default <c>main</c>.</param>
    /// <param name="parts">The required parts.</param>
    /// <exception cref="InputException">There is no such model; the message says where it was looked for.</exception>
    internal static string Locate(string nameOrFolder, string? revision = null, ModelParts parts = ModelParts.All)
    {
        ArgumentNullException.ThrowIfNull(nameOrFolder);
        if (!IsOnHub(nameOrFolder))
            return BundledModels.Locate(nameOrFolder);
        var snapshots = HubSnapshots.OfEnvironment();
        return snapshots.FindModel(HubRepository.Model(nameOrFolder), HubRepository.Revision(revision), parts)?.Folder
            ?? throw CatalogException.NoModel(nameOrFolder, revision ?? HubRepository.DefaultRevision, BundledModels.Names, snapshots.Folder);
    }
}

using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Managed;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>One self-attention layer with its norm and its skip connection.</summary>
internal sealed class SelfAttention
{
    private readonly RmsNorm _norm;
    private readonly Tensor? _prepared; // [3 · heads · size, H]: q times √size, k, v
    private readonly Tensor? _q, _k, _v; // [heads · size, H], when not prepared
    private readonly Tensor _o; // [H, heads · size]
    private readonly T5Config _config;
    private readonly TensorOps _products;

    internal SelfAttention(T5Config config, WeightScope layer, TensorOps products)
    {
        _norm = new RmsNorm(layer.Find(WeightPreparation.Gain), config.NormEpsilon);
        var attention = layer.In("SelfAttention");
        _prepared = attention.Find(WeightPreparation.Fused);
        (_q, _k, _v, _o) = (attention.Find("q.weight"), attention.Find("k.weight"), attention.Find("v.weight"), attention["o.weight"]);
        (_config, _products) = (config, products);
    }

    /// <summary>Queries (times √size), keys and values of rows [R, H], side by side: [R, 3 · heads · size].</summary>
    internal Tensor Project(Tensor rows)
    {
        using var scope = NewDisposeScope();
        return _products.NormedLinear(rows, _norm, _prepared ?? WeightPreparation.Fuse(_q!, _k!, _v!, _config))[0].MoveToOuterDisposeScope();
    }

    /// <summary>Attends within each example of the encoder.</summary>
    /// <param name="x">[R, H]</param>
    /// <param name="projected">What <see cref="Project"/> gives of x.</param>
    /// <param name="layout">Where the rows lie.</param>
    /// <param name="bias">Position bias.</param>
    /// <param name="site">Dropout.</param>
    internal Tensor Forward(Tensor x, Tensor projected, RowLayout layout, EncoderBias bias, SublayerDropout site)
    {
        if (bias.Own(_config, site) is not { } input)
            return Forward(x, projected, layout, bias.Groups, site);
        using var scope = NewDisposeScope();
        return site.AddTo(x, ManagedAttention.Attend(projected, input), _o, _products).MoveToOuterDisposeScope();
    }

    /// <summary>Attends within each example.</summary>
    /// <param name="x">[R, H]</param>
    /// <param name="projected">What <see cref="Project"/> gives of x.</param>
    /// <param name="layout">Where the rows lie.</param>
    /// <param name="biases">Position bias and mask of each group, broadcasts to [examples, heads, width, keys].</param>
    /// <param name="site">Dropout.</param>
    /// <param name="cache">Keys and values of earlier positions, which this call extends, or null.</param>
    internal Tensor Forward(Tensor x, Tensor projected, RowLayout layout, Tensor[] biases, SublayerDropout site, KeyValueCache? cache = null)
    {
        using var scope = NewDisposeScope();
        var mixed = layout.Groups.Zip(layout.Split(projected), biases).Select(group =>
        {
            var (examples, rows, bias) = (group.First.Examples, group.Second, group.Third);
            var parts = rows.view(rows.shape[0], rows.shape[1], 3, _config.HeadCount, _config.HeadSize).permute(2, 0, 3, 1, 4).unbind(0); // [examples, heads, width, size]
            var (k, v) = cache?.Append(parts[1], parts[2]) ?? (parts[1], parts[2]);
            return Heads.Merge(Heads.Attend(parts[0], k, v, bias, examples, site));
        });
        return site.AddTo(x, RowLayout.Join(mixed), _o, _products).MoveToOuterDisposeScope();
    }
}

using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Managed;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Modules;

/// <summary>What every layer of the encoder adds to its attention logits, in the form that the attention taken here asks for.</summary>
internal sealed class EncoderBias
{
    // An example beyond all reason gets libtorch's attention, which says at once that its weights do not fit into memory: ours would take its time.
    private const int MaxRows = 1 << 16;

    private EncoderBias(Tensor[] groups) => Groups = groups;

    private EncoderBias(AttentionSpan[] spans, float[] byDistance, int width) => (Groups, Spans, ByDistance, Width) = ([], spans, byDistance, width);

    /// <summary>Position bias and padding mask of each group of rows, broadcasts to [examples, heads, width, width].</summary>
    internal Tensor[] Groups { get; }

    private AttentionSpan[] Spans { get; } = [];

    private float[]? ByDistance { get; } // [heads, 2 · width − 1 and room for a vector]

    private int Width { get; }

    /// <summary>Makes the one that <see cref="TensorOps"/> calls for.</summary>
    internal static EncoderBias Of(RelativePositionBias bias, RowLayout layout, TensorOps products)
    {
        var width = layout.Width;
        if (width <= MaxRows && products.TakesOwnAttention(bias.Weight, 3L * layout.RowIds.Length * bias.InnerSize))
            return new EncoderBias(layout.Spans(), nn.functional.pad(bias.ByDistance(width), [0, AttentionRow.VectorSize]).data<float>().ToArray(), width);
        var widest = bias.Forward(width); // [1, heads, width, width]
        return new EncoderBias([.. layout.Groups.Select(group =>
        {
            var part = widest.narrow(2, 0, group.Width).narrow(3, 0, group.Width).contiguous();
            return layout.Mask(group, part.device, part.dtype) is { } mask ? part + mask : part;
        })]);
    }

    /// <summary>For attention by kernels of this library; null where libtorch's is taken.</summary>
    internal AttentionInput? Own(T5Config config, SublayerDropout site) =>
        ByDistance is null ? null : new AttentionInput(Spans, config.HeadCount, config.HeadSize, ByDistance, Width, site.WeightMask);
}

using System.Collections;
using System.Reflection;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>
/// A function of tensors with its own gradients. libtorch's graph holds what the gradients need and releases it along with itself. TorchSharp 0.107
/// allocates more than such a function needs and releases it late; this class works around both.
/// </summary>
/// <typeparam name="TSelf">The function.</typeparam>
/// <typeparam name="TCall">The call's other arguments. TorchSharp would treat a tensor among its own arguments as an input with a
/// gradient.</typeparam>
internal abstract class ManagedAutogradFunction<TSelf, TCall> : autograd.SingleTensorFunction<TSelf>
    where TSelf : ManagedAutogradFunction<TSelf, TCall>, new()
    where TCall : class
{
    private const string Key = "call";

    [ThreadStatic]
    private static Tensor[]? _lastGradients;

    /// <inheritdoc/>
    public sealed override string Name => typeof(TSelf).Name;

    /// <summary>Whether TorchSharp's private fields are where this class expects them; otherwise more memory is kept than necessary.</summary>
    internal static bool FindsPrivateFields => Spare.FindsAll;

    /// <summary>Computes the function.</summary>
    /// <param name="call">The other arguments.</param>
    /// <param name="inputs">The inputs; at least one takes a gradient.</param>
    /// <exception cref="Exception">An earlier backward pass of this thread failed, and its exception has not been thrown yet.</exception>
    internal static Tensor Apply(TCall call, params Tensor[] inputs)
    {
        BackwardFailure.Rethrow();
        var once = new Once(call, inputs);
        var result = apply([.. inputs, once]);
        once.Release();
        return result;
    }

    /// <inheritdoc/>
    public sealed override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var once = (Once)vars[^1];
        var (value, kept) = Compute([.. vars[..^1].Cast<Tensor>()], once.Graph.Call);
        ctx.save_data(Key, once.Graph);
        ctx.save_for_backward([.. kept]);
        once.Graph.KeptCount = kept.Length;
        (once.Context, once.Kept) = (ctx, kept);
        return value;
    }

    /// <inheritdoc/>
    public sealed override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var graph = (InGraph)ctx.get_data(Key);
        Tensor[] gradients;
        try
        {
            var kept = ctx.get_saved_variables();
            if (kept.Count < graph.KeptCount)
                throw new InvalidOperationException("A graph supports one backward pass only.");
            using var noGradients = no_grad();
            gradients = Gradients(grad_output, kept, graph.Call);
            foreach (var tensor in kept)
                tensor.Dispose();
            Spare.ReleaseKept(ctx);
        }
        catch (Exception e)
        {
            graph.Failure.Capture(e);
            gradients = [.. graph.Shapes.Select(shape => Zero(grad_output, shape))];
        }

        // TorchSharp leaves both to the dispose scope around the whole backward pass. libtorch owns the result once this method has returned; the
        // next call shows that it has.
        grad_output.Dispose();
        foreach (var last in _lastGradients ?? [])
            last.Dispose();
        _lastGradients = gradients;
        return [.. gradients, null!];
    }

    /// <summary>Zeros that take no memory, because memory may be what is lacking.</summary>
    private static Tensor Zero(Tensor like, long[] shape)
    {
        using var zero = zeros(1, like.dtype, like.device);
        return zero.expand(shape);
    }

    /// <summary>A separate handle of a tensor that a call keeps.</summary>
    private protected static Tensor Keep(Tensor tensor) => tensor.detach();

    /// <summary>Computes the value, without a graph, and what the gradients need. The returned handles have no other owner.</summary>
    private protected abstract (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, TCall call);

    /// <summary>Computes the gradient of each input, given the value's.</summary>
    private protected abstract Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, TCall call);

    /// <summary>What the graph keeps of one call besides tensors.</summary>
    /// <param name="Call">The call's other arguments.</param>
    /// <param name="Shapes">Shapes of the inputs.</param>
    /// <param name="Failure">Receives the exception of the backward function.</param>
    private sealed record InGraph(TCall Call, long[][] Shapes, BackwardFailure Failure)
    {
        /// <summary>Tensors that the call kept; fewer are left after a backward pass.</summary>
        internal int KeptCount { get; set; }
    }

    /// <summary>The inputs of one call, and its outputs besides the value.</summary>
    private sealed class Once(TCall call, Tensor[] inputs)
    {
        internal InGraph Graph { get; } = new(call, [.. inputs.Select(input => input.shape)], BackwardFailure.OfThread);

        internal autograd.AutogradContext? Context { get; set; }

        internal Tensor[] Kept { get; set; } = [];

        /// <summary>Disposes handles that the graph duplicates or does not need.</summary>
        internal void Release()
        {
            foreach (var tensor in Kept)
                tensor.Dispose();
            if (Context is not null)
                Spare.ReleaseOutput(Context);
        }
    }

    /// <summary>
    /// Frees two kinds of spare memory. TorchSharp allocates a second output for every call, for backward passes without a gradient for the
    /// first, which do not occur here. And it holds what a call keeps until the whole graph is released, while libtorch's own functions release
    /// it as soon as their gradient is computed. Both are found by the names of private fields; if a name has changed, the memory is not saved.
    /// </summary>
    private static class Spare
    {
        private const BindingFlags Inside = BindingFlags.Instance | BindingFlags.NonPublic;

        private static readonly FieldInfo? Node = typeof(autograd.AutogradContext).GetField("_node", Inside);
        private static readonly FieldInfo? Outputs = Node?.FieldType.Assembly.GetType("TorchSharp.torch+autograd+Node`1")
            ?.MakeGenericType(typeof(TSelf)).GetField("_outputCache", Inside);
        private static readonly FieldInfo? Kept = typeof(autograd.AutogradContext).GetField("_savedVariables", Inside);

        internal static bool FindsAll => Node is not null && Outputs?.FieldType == typeof(List<Tensor>) && Kept is not null;

        internal static void ReleaseOutput(autograd.AutogradContext context)
        {
            if (Node?.GetValue(context) is { } node && Outputs?.GetValue(node) is List<Tensor> outputs)
                Dispose(outputs);
        }

        internal static void ReleaseKept(autograd.AutogradContext context)
        {
            if (Kept?.GetValue(context) is not IList kept)
                return;
            Dispose(kept);
            kept.Clear();
        }

        private static void Dispose(IEnumerable items)
        {
            foreach (var item in items.OfType<IDisposable>())
                item.Dispose();
        }
    }
}

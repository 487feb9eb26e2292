using System.Collections;
using System.Reflection;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute.Managed;

/// <summary>
/// A function of tensors with gradients of its own. libtorch's graph holds what the gradients need, and releases it with the graph.
/// TorchSharp 0.107 allocates more than such a function needs and releases it late; this class works around both.
/// </summary>
/// <typeparam name="TSelf">The function.</typeparam>
/// <typeparam name="TCall">The call's other arguments. TorchSharp would count a tensor among its own as an input with a gradient.</typeparam>
internal abstract class ManagedAutogradFunction<TSelf, TCall> : autograd.SingleTensorFunction<TSelf>
    where TSelf : ManagedAutogradFunction<TSelf, TCall>, new()
    where TCall : class
{
    private const string Key = "call";

    [ThreadStatic]
    private static Tensor[]? _lastGradients;

    /// <inheritdoc/>
    public sealed override string Name => typeof(TSelf).Name;

    /// <summary>Whether TorchSharp's private fields are where they are looked for; without them more memory is kept than needed.</summary>
    internal static bool FindsPrivateFields => Spare.FindsAll;

    /// <summary>The function's value.</summary>
    /// <param name="call">What it needs besides.</param>
    /// <param name="inputs">Take gradients, one of them at least.</param>
    /// <exception cref="Exception">A backward pass of this thread has failed, and nobody has been told yet.</exception>
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
            if (kept.Count == 0)
                throw new InvalidOperationException("A graph can be gone through once.");
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

        // TorchSharp leaves both to the dispose scope around the whole backward pass. libtorch has the result as soon as this has returned, and
        // the next call is a sign of that.
        grad_output.Dispose();
        foreach (var last in _lastGradients ?? [])
            last.Dispose();
        _lastGradients = gradients;
        return [.. gradients, null!];
    }

    /// <summary>Zeros that take no memory, for that may be what is lacking.</summary>
    private static Tensor Zero(Tensor like, long[] shape)
    {
        using var zero = zeros(1, like.dtype, like.device);
        return zero.expand(shape);
    }

    /// <summary>A handle of its own, of what a call keeps.</summary>
    private protected static Tensor Keep(Tensor tensor) => tensor.detach();

    /// <summary>The value, without a graph, and what the gradients need: handles that belong to nobody else.</summary>
    private protected abstract (Tensor Value, Tensor[] Kept) Compute(Tensor[] inputs, TCall call);

    /// <summary>The gradient of each input, given the value's.</summary>
    private protected abstract Tensor[] Gradients(Tensor gradient, IReadOnlyList<Tensor> kept, TCall call);

    /// <summary>What the graph remembers of one call besides tensors.</summary>
    /// <param name="Call">What went into it.</param>
    /// <param name="Shapes">Of its inputs.</param>
    /// <param name="Failure">Takes what its backward function throws.</param>
    private sealed record InGraph(TCall Call, long[][] Shapes, BackwardFailure Failure);

    /// <summary>What goes into one call, and what comes out of it beside the value.</summary>
    private sealed class Once(TCall call, Tensor[] inputs)
    {
        internal InGraph Graph { get; } = new(call, [.. inputs.Select(input => input.shape)], BackwardFailure.OfThread);

        internal autograd.AutogradContext? Context { get; set; }

        internal Tensor[] Kept { get; set; } = [];

        /// <summary>Gives back what the graph has its own handles for, or no use.</summary>
        internal void Release()
        {
            foreach (var tensor in Kept)
                tensor.Dispose();
            if (Context is not null)
                Spare.ReleaseOutput(Context);
        }
    }

    /// <summary>
    /// TorchSharp allocates a second output for every call, for the case that a backward pass has no gradient for the first, which does not
    /// occur here; and what a call keeps stays until the whole graph goes, while libtorch's own functions give it back as soon as their gradient is
    /// there. Both are found by their names, and where a name is another one the memory is not saved.
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

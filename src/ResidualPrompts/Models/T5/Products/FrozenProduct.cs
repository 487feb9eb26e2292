using System.Reflection;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5.Products;

/// <summary>
/// x · weightᵀ of <see cref="OwnProducts"/> with its gradient for x, for which nothing but the weight is kept.
/// </summary>
internal sealed class FrozenProduct : autograd.SingleTensorFunction<FrozenProduct>
{
    private const string Key = "call";

    private const int CallsPerCollection = 16;

    [ThreadStatic]
    private static Tensor? _lastGradient;

    [ThreadStatic]
    private static int _callsSinceCollection;

    /// <inheritdoc/>
    public override string Name => nameof(FrozenProduct);

    /// <summary>x · weightᵀ.</summary>
    /// <param name="x">float32[R, K], takes a gradient.</param>
    /// <param name="weight">float32[N, K], takes none, and is there until the backward pass is over.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Apply(Tensor x, Tensor weight)
    {
        var call = new Call(weight); // a plain tensor would count as an input that may need a gradient
        var product = apply(x, call);
        SpareOutput.Release(call.Context);
        if (++_callsSinceCollection == CallsPerCollection)
        {
            // TorchSharp leaves something of every call to finalizers, which stands for hundreds of megabytes of native memory and a few bytes of managed.
            _callsSinceCollection = 0;
            GC.Collect(0);
        }

        return product;
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var call = (Call)vars[1];
        ctx.save_data(Key, call);
        call.Context = ctx;
        return OwnProducts.Product((Tensor)vars[0], call.Weight);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        Tensor gradient;
        try
        {
            gradient = OwnProducts.Gradient(grad_output, ((Call)ctx.get_data(Key)).Weight);
        }
        catch (Exception e)
        {
            Environment.FailFast($"A backward pass failed: {e.Message}", e); // an exception that enters libtorch's engine never comes out of it
            throw;
        }

        // TorchSharp leaves both to the dispose scope around the whole backward pass. libtorch has the result as soon as this has returned, and
        // the next call is a sign of that.
        grad_output.Dispose();
        _lastGradient?.Dispose();
        _lastGradient = gradient;
        return [gradient, null!];
    }

    /// <summary>What goes into one call, and the context that comes out of it.</summary>
    private sealed class Call(Tensor weight)
    {
        internal Tensor Weight => weight;

        internal autograd.AutogradContext? Context { get; set; }
    }

    /// <summary>
    /// TorchSharp 0.107 allocates a second output for every call, for the case that a backward pass has no gradient for the first, which does
    /// not occur here. It is found by its name, and where the name is another one the memory is not saved.
    /// </summary>
    private static class SpareOutput
    {
        private const BindingFlags Inside = BindingFlags.Instance | BindingFlags.NonPublic;

        private static readonly FieldInfo? Node = typeof(autograd.AutogradContext).GetField("_node", Inside);
        private static readonly FieldInfo? Outputs = Node?.FieldType.Assembly.GetType("TorchSharp.torch+autograd+Node`1")?.MakeGenericType(typeof(FrozenProduct)).GetField("_outputCache", Inside);

        internal static void Release(autograd.AutogradContext? context)
        {
            if (context is null || Node?.GetValue(context) is not { } node || Outputs?.GetValue(node) is not List<Tensor> outputs)
                return;
            foreach (var output in outputs)
                output?.Dispose();
        }
    }
}

using System.Reflection;
using static TorchSharp.torch;

namespace ResidualPrompts.Native;

/// <summary>
/// x · weightᵀ of <see cref="WideProducts"/> with its gradient for x. libtorch's own gradient of that product keeps both operands and the
/// product in two layouts, 1.8 GB for a step of T5-base with 266 positions; the weight is all that is needed.
/// </summary>
internal sealed class FrozenProduct : autograd.SingleTensorFunction<FrozenProduct>
{
    private const string Key = "weight";

    private const int CallsPerCollection = 16;

    [ThreadStatic]
    private static Tensor? _lastGradient;

    [ThreadStatic]
    private static int _callsSinceCollection;

    /// <inheritdoc/>
    public override string Name => nameof(FrozenProduct);

    /// <summary>x · weightᵀ.</summary>
    /// <param name="x">float32[R, K], takes a gradient.</param>
    /// <param name="frozen">float32[N, K], takes none, and is there until the backward pass is over.</param>
    /// <returns>float32[R, N]</returns>
    internal static Tensor Apply(Tensor x, WideProducts.FrozenWeight frozen)
    {
        var call = new Call(frozen); // a plain tensor would count as an input that may need a gradient
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
        ctx.save_data(Key, call.Frozen);
        call.Context = ctx;
        return WideProducts.Product((Tensor)vars[0], call.Frozen);
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        Tensor gradient;
        try
        {
            gradient = WideProducts.Gradient(grad_output, (WideProducts.FrozenWeight)ctx.get_data(Key));
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
    private sealed class Call(WideProducts.FrozenWeight frozen)
    {
        internal WideProducts.FrozenWeight Frozen => frozen;

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

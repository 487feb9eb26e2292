using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace ResidualPrompts.Native;

/// <summary>
/// Matrix products by oneDNN, which is part of libtorch. libtorch gives products of float32 to MKL, and MKL takes vectors of 512 bits on
/// Intel's processors only: on others that have them oneDNN is nearly twice as fast. TorchSharp offers no call to it, TorchScript does.
/// </summary>
/// <remarks>
/// oneDNN as it is in libtorch 2.10 multiplies wrongly on Zen 5 for some shapes: columns are off by as much as the values. Which ones depends on
/// all sizes and the number of threads, and a wrong program may come out right once, where it finds what it forgot to write in old memory. So every
/// single product is checked (<see cref="ProductCheck"/>), and libtorch's own stands in where one is wrong, from then on for all of its shape.
/// </remarks>
internal static class WideProducts
{
    // oneDNN's backward pass cuts the rows into blocks of equal size, and is slower than MKL where a number such as 2 · 303 leaves small ones only.
    private const int BlockRows = 16;

    // Below, to turn the weight round for a backward pass takes longer than the product gains.
    private const int FewestRowsForTurning = 256;

    private const string LimitVariable = "ONEDNN_MAX_CPU_ISA";

    private const string Script = """
        def linear(x: Tensor, weight: Tensor) -> Tensor:
            return torch.mkldnn_linear(x.to_mkldnn(), weight, None).to_dense()

        def gradient(g: Tensor, weight: Tensor) -> Tensor:
            return torch.mkldnn_linear_backward_input([g.size(0), weight.size(1)], g.to_mkldnn(), weight).to_dense()

        """; // with a line break at its end, which the parser asks for

    private static readonly Lazy<jit.CompilationUnit?> Compiled = new(() => IsWorthIt() ? TryCompile() : null);
    private static readonly ConcurrentDictionary<Shape, bool> WrongShapes = new();
    private static readonly ConditionalWeakTable<Tensor, FrozenWeight> Weights = [];

    /// <summary>Whether they are faster on this machine than libtorch's own.</summary>
    internal static bool AreFaster => Compiled.Value is not null;

    /// <summary>x · weightᵀ. The gradient reaches x and keeps nothing but the weight, which must be frozen.</summary>
    /// <param name="x">float32[R, K] on the CPU.</param>
    /// <param name="weight">float32[N, K] on the CPU, without gradient; must be there until the backward pass is over.</param>
    /// <returns>float32[R, N]</returns>
    /// <exception cref="InvalidOperationException"><see cref="AreFaster"/> is false.</exception>
    internal static Tensor Linear(Tensor x, Tensor weight)
    {
        var frozen = Weights.GetValue(weight, key => new FrozenWeight(key));
        return x.requires_grad && is_grad_enabled() ? FrozenProduct.Apply(x, frozen) : Product(x, frozen);
    }

    /// <summary>x · weightᵀ without a graph.</summary>
    internal static Tensor Product(Tensor x, FrozenWeight frozen) =>
        Checked("linear", x, frozen.Weight, frozen.Weight.shape[0], frozen.ProductProbe, () => linear(x, frozen.Weight));

    /// <summary>g · weight, float32[R, N] and float32[N, K] → float32[R, K].</summary>
    internal static Tensor Gradient(Tensor g, FrozenWeight frozen)
    {
        var (weight, columnCount) = (frozen.Weight, frozen.Weight.shape[1]);
        Tensor Own() => mm(g, weight);
        if (g.shape[0] % BlockRows == 0)
            return Checked("gradient", g, weight, columnCount, frozen.GradientProbe, Own);
        if (g.shape[0] < FewestRowsForTurning)
            return Own();
        using var turned = weight.t().contiguous(); // [K, N]
        return Checked("linear", g, turned, columnCount, frozen.GradientProbe, Own);
    }

    /// <summary>Whether the value of ONEDNN_MAX_CPU_ISA, by which a user holds oneDNN back, leaves it its wide vectors.</summary>
    internal static bool IsAllowed(string? limit) =>
        string.IsNullOrWhiteSpace(limit) || (limit.Trim().ToUpperInvariant() is var name
        && (name is "DEFAULT" or "ALL" || name.StartsWith("AVX512", StringComparison.Ordinal) || name.StartsWith("AVX10", StringComparison.Ordinal)));

    /// <param name="function">Of the script.</param>
    /// <param name="x">[R, A]</param>
    /// <param name="weight">As the function takes it.</param>
    /// <param name="columnCount">B of the product [R, B].</param>
    /// <param name="probe">What the product is checked by, [A].</param>
    /// <param name="own">libtorch's own way.</param>
    private static Tensor Checked(string function, Tensor x, Tensor weight, long columnCount, Tensor probe, Func<Tensor> own)
    {
        var shape = new Shape(function, x.shape[0], x.shape[1], columnCount, get_num_threads());
        if (WrongShapes.ContainsKey(shape))
            return own();
        var product = Call(function, x, weight);
        if (ProductCheck.IsRight(x, probe, product))
            return product;
        product.Dispose();
        WrongShapes.TryAdd(shape, true);
        return own();
    }

    private static Tensor Call(string function, Tensor x, Tensor weight) =>
        (Tensor)(Compiled.Value ?? throw new InvalidOperationException("This machine has no use for wide products.")).invoke(function, x, weight);

    private static bool IsWorthIt() => Avx512F.IsSupported && !IsIntel() && IsAllowed(Environment.GetEnvironmentVariable(LimitVariable));

    private static bool IsIntel() => X86Base.CpuId(0, 0) is (_, 0x756E6547, 0x6C65746E, 0x49656E69); // "Genu", "ntel", "ineI"

    private static jit.CompilationUnit? TryCompile()
    {
        LibTorch.EnsureLoaded();
        try
        {
            var compiled = jit.compile(Script);
            using var scope = NewDisposeScope();
            using var inference = inference_mode();
            compiled.invoke("linear", ones(2, 3), ones(4, 3));
            return compiled;
        }
        catch (ExternalException)
        {
            return null; // a libtorch without oneDNN
        }
    }

    /// <summary>A weight with what its products are checked by. One that is changed all the same makes checks fail, and costs speed alone.</summary>
    /// <param name="weight">float32[N, K]</param>
    internal sealed class FrozenWeight(Tensor weight)
    {
        private Tensor? _productProbe, _gradientProbe;

        internal Tensor Weight => weight;

        /// <summary>For x · weightᵀ, [K].</summary>
        internal Tensor ProductProbe => _productProbe ??= ProductCheck.Probe(weight.t());

        /// <summary>For g · weight, [N].</summary>
        internal Tensor GradientProbe => _gradientProbe ??= ProductCheck.Probe(weight);
    }

    /// <summary>What oneDNN makes a program for.</summary>
    private sealed record Shape(string Function, long RowCount, long InnerCount, long ColumnCount, int ThreadCount);
}

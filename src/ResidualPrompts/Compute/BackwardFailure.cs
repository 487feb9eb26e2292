using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>
/// Keeps the exception of a managed gradient during a backward pass. No exception may enter libtorch's engine, which would never return it. A failed
/// function returns zero gradients instead, and the exception is thrown when the pass has returned, before any step uses the gradients.
/// </summary>
/// <remarks>Each computing thread has one instance. A function call remembers its thread's instance, so the engine may use any thread.</remarks>
internal sealed class BackwardFailure
{
    [ThreadStatic]
    private static BackwardFailure? _ofThread;

    private ExceptionDispatchInfo? _first;

    /// <summary>The instance of the calling thread.</summary>
    internal static BackwardFailure OfThread => _ofThread ??= new BackwardFailure();

    /// <summary>Runs a backward pass and throws the exception of any of its functions.</summary>
    /// <param name="value">Where to start.</param>
    /// <param name="gradient">Gradient of the value; null if the value is a scalar.</param>
    internal static void Backward(Tensor value, Tensor? gradient = null)
    {
        if (gradient is null)
            value.backward();
        else
            value.backward([gradient]);
        Rethrow();
    }

    /// <summary>Throws the exception that a backward pass of this thread left, once. All current gradients are wrong then.</summary>
    internal static void Rethrow()
    {
        if (_ofThread is { } failure)
            Interlocked.Exchange(ref failure._first, null)?.Throw();
    }

    /// <summary>Keeps an exception; only the first counts.</summary>
    internal void Capture(Exception exception) => Interlocked.CompareExchange(ref _first, ExceptionDispatchInfo.Capture(exception), null);
}

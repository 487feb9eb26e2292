using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace ResidualPrompts.Compute;

/// <summary>
/// What a managed gradient threw during a backward pass. An exception must not enter libtorch's engine, which never returns it: the function
/// that fails gives zero gradients instead, and the exception is thrown when the pass has returned, before any step is made with them.
/// </summary>
/// <remarks>Each thread that computes has one object. A function's call remembers its thread's, so the engine may use any thread.</remarks>
internal sealed class BackwardFailure
{
    [ThreadStatic]
    private static BackwardFailure? _ofThread;

    private ExceptionDispatchInfo? _first;

    /// <summary>That of the calling thread.</summary>
    internal static BackwardFailure OfThread => _ofThread ??= new BackwardFailure();

    /// <summary>Goes through a graph, and throws what one of its functions threw.</summary>
    /// <param name="value">Where to start.</param>
    /// <param name="gradient">Gradient of the value, or null where it is one number.</param>
    internal static void Backward(Tensor value, Tensor? gradient = null)
    {
        if (gradient is null)
            value.backward();
        else
            value.backward([gradient]);
        Rethrow();
    }

    /// <summary>Throws what a backward pass of this thread has left, once: whatever gradients there are now are wrong.</summary>
    internal static void Rethrow()
    {
        if (_ofThread is { } failure)
            Interlocked.Exchange(ref failure._first, null)?.Throw();
    }

    /// <summary>Keeps an exception; the first one counts.</summary>
    internal void Capture(Exception exception) => Interlocked.CompareExchange(ref _first, ExceptionDispatchInfo.Capture(exception), null);
}

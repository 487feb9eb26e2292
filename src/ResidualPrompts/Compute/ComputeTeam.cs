using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using ResidualPrompts.Native;

namespace ResidualPrompts.Compute;

/// <summary>
/// Runs work on the threads of libtorch's operations (libgomp's, on Linux). These threads spin for a while after each operation, in case another one
/// follows. On a machine with as many cores as threads, .NET's threads would wait for them, a quarter of a millisecond at every change. Without
/// libgomp, .NET's threads do the work.
/// </summary>
internal static unsafe class ComputeTeam
{
    // void (void (*)(void*), void*, unsigned threads, unsigned flags)
    private static readonly Lazy<nint> Parallel = new(() => LibTorch.TryFind("GOMP_parallel"));

    /// <summary>Calls an action on several threads at once, including the caller's, and waits for all.</summary>
    /// <param name="threadCount">Number of threads; fewer may call the action, but at least one does.</param>
    /// <param name="action">Takes its share of the work.</param>
    internal static void Run(int threadCount, Action action)
    {
        if (threadCount == 1)
            action();
        else if (Parallel.Value is var parallel && parallel != 0)
            RunByLibGomp(parallel, threadCount, action);
        else
            System.Threading.Tasks.Parallel.For(0, threadCount, new ParallelOptions { MaxDegreeOfParallelism = threadCount }, _ => action());
    }

    /// <summary>Runs work that consists of items; threads take them one at a time.</summary>
    /// <param name="threadCount">Maximum number of threads.</param>
    /// <param name="itemCount">Number of items, at least one.</param>
    /// <param name="action">Prepares what a thread needs, and takes items until none are left.</param>
    internal static void Run(int threadCount, int itemCount, Action<WorkItems> action)
    {
        var items = new WorkItems(itemCount);
        Run(Math.Min(threadCount, itemCount), () => action(items));
    }

    private static void RunByLibGomp(nint parallel, int threadCount, Action action)
    {
        var work = new Work(action);
        var handle = GCHandle.Alloc(work);
        try
        {
            var run = (delegate* unmanaged<delegate* unmanaged<nint, void>, nint, uint, uint, void>)parallel;
            run(&Enter, GCHandle.ToIntPtr(handle), (uint)threadCount, 0);
        }
        finally
        {
            handle.Free();
        }

        work.Failure?.Throw();
    }

    [UnmanagedCallersOnly]
    private static void Enter(nint work) => ((Work)GCHandle.FromIntPtr(work).Target!).Do();

    private sealed class Work(Action action)
    {
        private ExceptionDispatchInfo? _failure;

        internal ExceptionDispatchInfo? Failure => _failure;

        internal void Do()
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                // No exception may reach native code, which would end the process; the caller gets the first.
                Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
            }
        }
    }
}

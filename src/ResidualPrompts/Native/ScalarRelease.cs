using System.Runtime.InteropServices;

namespace ResidualPrompts.Native;

/// <summary>Delays the release of the numbers that TorchSharp passes to libtorch.</summary>
/// <remarks>
/// Every number in an expression such as <c>tensor * 2</c>, and the hidden factor of <c>a + b</c>, is a <c>Scalar</c> whose finalizer frees native
/// memory. TorchSharp 0.107 does not keep it alive during the native call, so a garbage collection on another thread may free it while libtorch reads
/// it. The result is an exception in one of a few thousand steps on a busy machine, or a wrong number. This class replaces the first bytes of the
/// freeing function by a jump to <see cref="Retire"/>. Linux on x64 only, like all of this library's own loading.
/// </remarks>
internal static unsafe class ScalarRelease
{
    private const string Function = "THSTorch_dispose_scalar";
    private const string OperatorDelete = "_ZdlPv";
    private const int Alignment = 16; // of functions: that many bytes belong to the function or are unused
    private const long RestMilliseconds = 2000; // a call reads its numbers within microseconds, unless its thread must wait for a core

    private static readonly Lock Gate = new();
    private static List<nint> _younger = [];
    private static List<nint> _older = [];
    private static long _turnedAt;
    private static delegate* unmanaged<nint, void> _delete;

    /// <summary>Installs the delay. The caller must make sure that this happens once.</summary>
    /// <param name="bridge">Handle of libLibTorchSharp.so.</param>
    /// <returns>False where the function is not as expected, or the system does not allow changing code; nothing is changed then.</returns>
    internal static bool Delay(nint bridge)
    {
        if (!NativeLibrary.TryGetExport(bridge, Function, out var function) || function % Alignment != 0
            || !NativeLibrary.TryGetExport(bridge, OperatorDelete, out var delete))
            return false;
        _delete = (delegate* unmanaged<nint, void>)delete;
        var page = function & ~(nint)(Environment.SystemPageSize - 1); // 16 aligned bytes lie in one page
        if (LibC.Protect(page, (nuint)Environment.SystemPageSize, LibC.Readable | LibC.Writable | LibC.Executable) != 0)
            return false;
        var target = (nint)(delegate* unmanaged<nint, void>)&Retire;
        Span<byte> jump = [0x48, 0xB8, .. BitConverter.GetBytes((long)target), 0xFF, 0xE0]; // mov rax, target; jmp rax
        jump.CopyTo(new Span<byte>((void*)function, jump.Length));
        _ = LibC.Protect(page, (nuint)Environment.SystemPageSize, LibC.Readable | LibC.Executable);
        return true;
    }

    /// <summary>Takes a number that is no longer referenced, and frees those that have rested long enough.</summary>
    [UnmanagedCallersOnly]
    private static void Retire(nint scalar)
    {
        lock (Gate)
        {
            if (Environment.TickCount64 - _turnedAt > RestMilliseconds)
            {
                foreach (var rested in _older)
                    _delete(rested); // a number's destructor has nothing else to do
                _older.Clear();
                (_younger, _older) = (_older, _younger);
                _turnedAt = Environment.TickCount64;
            }

            _younger.Add(scalar);
        }
    }
}

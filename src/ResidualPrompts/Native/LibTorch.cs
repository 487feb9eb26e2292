using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;

namespace ResidualPrompts.Native;

/// <summary>
/// Loads libtorch before any torch type is touched. A program gets the call to <see cref="Load"/> by a module initializer that the
/// build adds, and calls <see cref="EnsureLoaded"/> before it makes its first tensor.
/// </summary>
/// <remarks>
/// On Linux the loading is our own, because the <c>libLibTorchSharp.so</c> of TorchSharp 0.107 does not load on systems as recent as
/// Debian 12 (see <see cref="ElfVersionPatch"/>), and because TorchSharp answers a failed load with an exception in a static
/// constructor that no program can explain to its user. On other systems TorchSharp loads by itself.
/// </remarks>
public static class LibTorch
{
    private static readonly Lazy<Outcome> Attempt = new(TryLoad);

    /// <summary>The version of libtorch that this build of TorchSharp is made for, for example "2.10.0".</summary>
    /// <exception cref="NativeLibraryException">It could not be loaded.</exception>
    public static string Version
    {
        get
        {
            EnsureLoaded();
            return torch.__version__;
        }
    }

    /// <summary>How the libraries were loaded.</summary>
    /// <exception cref="NativeLibraryException">They could not be loaded.</exception>
    public static NativeLoadReport Report
    {
        get
        {
            EnsureLoaded();
            return Attempt.Value.Report!;
        }
    }

    /// <summary>
    /// Loads the native libraries, once. Never throws, so that it can stand in a module initializer: a failure is remembered and
    /// told by <see cref="EnsureLoaded"/>.
    /// </summary>
    public static void Load() => _ = Attempt.Value;

    /// <summary>Loads the native libraries if that has not happened yet, and says why when they cannot be loaded.</summary>
    /// <exception cref="NativeLibraryException">
    /// A library is missing, damaged, or does not fit to this system. The same exception comes again at every call.
    /// </exception>
    public static void EnsureLoaded()
    {
        if (Attempt.Value.Failure is { } failure)
            throw failure;
        StartTorchSharp();
    }

    private static Outcome TryLoad()
    {
        if (!OperatingSystem.IsLinux())
            return new Outcome(new NativeLoadReport(), null);
        try
        {
            NativeEnvironment.Prepare();
            var (report, handle) = LinuxLoader.Load(NativeFolders.Candidates());
            Redirect(typeof(torch).Assembly, handle);
            Redirect(typeof(LibTorch).Assembly, handle);
            return new Outcome(report, null);
        }
        catch (NativeLibraryException failure)
        {
            return new Outcome(null, failure);
        }
        catch (Exception unforeseen)
        {
            // An exception that leaves a module initializer is shown to the user as a stack trace.
            return new Outcome(null, NativeLibraryException.Unforeseen(unforeseen));
        }
    }

    /// <summary>Lets every import of the assembly from LibTorchSharp come from the library that is loaded.</summary>
    private static void Redirect(Assembly assembly, nint handle)
    {
        try
        {
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == "LibTorchSharp" ? handle : 0);
        }
        catch (InvalidOperationException)
        {
            // The program has a resolver of its own. The system then finds the loaded library by its name all the same.
        }
    }

    private static void StartTorchSharp()
    {
        try
        {
            torch.InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception e) when (e is TypeInitializationException or NotSupportedException or DllNotFoundException or BadImageFormatException)
        {
            throw NativeLibraryException.TorchSharpFailed(e);
        }
    }

    private sealed record Outcome(NativeLoadReport? Report, NativeLibraryException? Failure);
}

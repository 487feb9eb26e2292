using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace ResidualPrompts.Native;

/// <summary>
/// Loads libtorch. A program gets the call to <see cref="Prepare"/> by a module initializer that the build adds; it should call
/// <see cref="EnsureLoaded"/> before its first tensor, to have a message for its user where the libraries cannot be loaded.
/// </summary>
/// <remarks>
/// On Linux the loading is our own, because the <c>libLibTorchSharp.so</c> of TorchSharp 0.107 does not load on systems as recent as
/// Debian 12 (see <see cref="ElfVersionPatch"/>), and because TorchSharp answers a failed load with an exception in a static
/// constructor that no program can explain to its user. On other systems TorchSharp loads by itself.
/// </remarks>
public static class LibTorch
{
    private const string Bridge = "LibTorchSharp"; // the name in TorchSharp's imports

    private static readonly Lazy<bool> Preparation = new(TryPrepare);
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
    /// Sets what libtorch reads while it loads (see <see cref="ComputeThreads"/>), and stands ready to load it when TorchSharp
    /// cannot. Loads nothing itself, so that a program that makes no tensor starts at once, and never throws, so that it can stand in a
    /// module initializer. Does nothing the second time, and nothing on systems other than Linux.
    /// </summary>
    public static void Prepare() => _ = Preparation.Value;

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

    /// <summary>The address of a function of the native libraries, or 0 where they have none of this name or are not loaded by us.</summary>
    /// <exception cref="NativeLibraryException">The libraries could not be loaded.</exception>
    internal static nint TryFind(string function)
    {
        EnsureLoaded();
        return Attempt.Value.Handle != 0 && NativeLibrary.TryGetExport(Attempt.Value.Handle, function, out var address) ? address : 0;
    }

    private static bool TryPrepare()
    {
        if (!OperatingSystem.IsLinux())
            return true;
        // Asked when the usual search has failed, which is so when a program touches a torch type without EnsureLoaded.
        AssemblyLoadContext.GetLoadContext(typeof(LibTorch).Assembly)!.ResolvingUnmanagedDll +=
            (_, name) => name == Bridge ? Attempt.Value.Handle : 0;
        try
        {
            NativeEnvironment.Prepare();
            return true;
        }
        catch (Exception)
        {
            // The settings only make computing faster (a C library other than glibc does not have all of them), and an exception
            // that leaves a module initializer would be shown to the user as a stack trace.
            return false;
        }
    }

    private static Outcome TryLoad()
    {
        Prepare();
        if (!OperatingSystem.IsLinux())
            return new Outcome(new NativeLoadReport(), 0, null);
        try
        {
            var (report, handle) = LinuxLoader.Load(NativeFolders.Candidates());
            Redirect(typeof(torch).Assembly, handle);
            Redirect(typeof(LibTorch).Assembly, handle);
            return new Outcome(report, handle, null);
        }
        catch (NativeLibraryException failure)
        {
            return new Outcome(null, 0, failure);
        }
        catch (Exception unforeseen)
        {
            // This runs inside of TorchSharp's static constructor too, where nothing must escape.
            return new Outcome(null, 0, NativeLibraryException.Unforeseen(unforeseen));
        }
    }

    /// <summary>Lets every import of the assembly from LibTorchSharp come from the library that is loaded.</summary>
    private static void Redirect(Assembly assembly, nint handle)
    {
        try
        {
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == Bridge ? handle : 0);
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

    private sealed record Outcome(NativeLoadReport? Report, nint Handle, NativeLibraryException? Failure);
}

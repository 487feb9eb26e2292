using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace ResidualPrompts.Native;

/// <summary>
/// Loads libtorch. The build adds to every program a module initializer that calls <see cref="Prepare"/>. The program should call
/// <see cref="EnsureLoaded"/> before its first tensor, to report to its user why the libraries cannot be loaded.
/// </summary>
/// <remarks>
/// On Linux this class loads the libraries itself, for two reasons. The <c>libLibTorchSharp.so</c> of TorchSharp 0.107 does not load on systems
/// as recent as Debian 12 (see <see cref="ElfVersionPatch"/>). And TorchSharp reports a failed load by an exception in a static constructor,
/// which no program can explain to its user. On other systems TorchSharp loads the libraries.
/// </remarks>
public static class LibTorch
{
    private const string Bridge = "LibTorchSharp"; // the name in TorchSharp's imports

    private static readonly Lazy<bool> Preparation = new(TryPrepare);
    private static readonly Lazy<Outcome> Attempt = new(TryLoad);

    /// <summary>The version of libtorch that this build of TorchSharp is for, such as "2.10.0".</summary>
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
    internal static NativeLoadReport Report
    {
        get
        {
            EnsureLoaded();
            return Attempt.Value.Report!;
        }
    }

    /// <summary>
    /// Sets what libtorch reads while it loads (see <see cref="ComputeThreads"/>), and prepares to load it when TorchSharp cannot. Loads nothing
    /// itself, so that a program without tensors starts at once. Never throws, so that a module initializer can call it. Does nothing when called
    /// again, and nothing on systems other than Linux.
    /// </summary>
    public static void Prepare() => _ = Preparation.Value;

    /// <summary>Loads the native libraries unless they are loaded, and reports why when that fails.</summary>
    /// <exception cref="NativeLibraryException">
    /// A library is missing or damaged, or does not fit this system. Every further call throws the same exception.
    /// </exception>
    public static void EnsureLoaded()
    {
        if (Attempt.Value.Failure is { } failure)
            throw failure;
        StartTorchSharp();
    }

    /// <summary>The address of a native function; 0 if the libraries do not have it, or if TorchSharp loaded them.</summary>
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
        // Called when the usual search has failed: a program used a torch type without EnsureLoaded.
        AssemblyLoadContext.GetLoadContext(typeof(LibTorch).Assembly)!.ResolvingUnmanagedDll +=
            (_, name) => name == Bridge ? Attempt.Value.Handle : 0;
        try
        {
            NativeEnvironment.Prepare();
            return true;
        }
        catch (Exception)
        {
            // The settings only make computing faster (C libraries other than glibc lack some of them), and an exception that leaves a module
            // initializer would be shown to the user as a stack trace.
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
            // This also runs inside of TorchSharp's static constructor, where no exception may escape.
            return new Outcome(null, 0, NativeLibraryException.Unforeseen(unforeseen));
        }
    }

    /// <summary>Redirects the assembly's imports from LibTorchSharp to the loaded library.</summary>
    private static void Redirect(Assembly assembly, nint handle)
    {
        try
        {
            NativeLibrary.SetDllImportResolver(assembly, (name, _, _) => name == Bridge ? handle : 0);
        }
        catch (InvalidOperationException)
        {
            // The program has its own resolver. The system then finds the loaded library by its name.
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

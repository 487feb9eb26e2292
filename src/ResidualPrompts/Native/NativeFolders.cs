using System.Diagnostics.CodeAnalysis;
using TorchSharp;

namespace ResidualPrompts.Native;

/// <summary>Finds the folders that may hold a program's native libraries.</summary>
internal static class NativeFolders
{
    /// <summary>
    /// The existing folders, best first: those that the .NET host names (native folders of packages, the extraction folder of a single-file
    /// program), the program's folder, and TorchSharp's folder (which differs when a host loads this library as a plug-in).
    /// </summary>
    [UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "Empty in a single-file program, whose folder is a candidate anyway")]
    internal static IReadOnlyList<string> Candidates()
    {
        var named = (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var folders = new List<string>(named);
        AddWithRuntimeFolder(folders, AppContext.BaseDirectory);
        if (Path.GetDirectoryName(typeof(torch).Assembly.Location) is { Length: > 0 } besideTorchSharp)
            AddWithRuntimeFolder(folders, besideTorchSharp);
        return [.. folders.Select(Path.TrimEndingDirectorySeparator).Distinct().Where(Directory.Exists)];
    }

    private static void AddWithRuntimeFolder(List<string> folders, string folder)
    {
        folders.Add(folder);
        folders.Add(Path.Combine(folder, "runtimes", "linux-x64", "native"));
    }
}

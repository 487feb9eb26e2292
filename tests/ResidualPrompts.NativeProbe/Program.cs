using System.Globalization;
using ResidualPrompts.Native;
using TorchSharp;

// Prints what a test asks of a fresh process. Argument: a number of threads to set (optional).
try
{
    LibTorch.EnsureLoaded();
    if (args is [var threads])
        ComputeThreads.Set(int.Parse(threads, CultureInfo.InvariantCulture));
    using var sum = torch.ones(2, 3).sum();
    Console.WriteLine($"sum={sum.ToSingle()} threads={ComputeThreads.Current} patched={LibTorch.Report.IsPatched} folder={LibTorch.Report.Folder}");
    return 0;
}
catch (NativeLibraryException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

using System.Globalization;
using ResidualPrompts.Native;
using TorchSharp;

// Prints what a test asks of a fresh process. Argument (optional): a number of threads to set, or "unannounced" to make a tensor
// without asking for libtorch first.
try
{
    if (args is not ["unannounced"])
        LibTorch.EnsureLoaded();
    if (args is [var text] && int.TryParse(text, CultureInfo.InvariantCulture, out var threads))
        ComputeThreads.Set(threads);
    using var sum = torch.ones(2, 3).sum();
    Console.WriteLine($"sum={sum.ToSingle()} threads={ComputeThreads.Current} patched={LibTorch.Report.IsPatched} folder={LibTorch.Report.Folder}");
    return 0;
}
catch (NativeLibraryException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

using ResidualPrompts.Native;
using TorchSharp;

try
{
    LibTorch.EnsureLoaded();
    using var sum = torch.ones(2, 3).sum();
    Console.WriteLine($"sum={sum.ToSingle()} patched={LibTorch.Report.IsPatched} threads={torch.get_num_threads()} default={ComputeThreads.Default} "
        + $"load_milliseconds={LibTorch.Report.LoadMilliseconds:F0} folder={LibTorch.Report.Folder}");
    return 0;
}
catch (NativeLibraryException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

using System.Diagnostics;
using ResidualPrompts.Native;
using TorchSharp;

namespace ResidualPrompts.Tests.Native;

/// <summary>Numbers in tensor expressions while another thread collects garbage without a pause.</summary>
public class ScalarReleaseTests
{
    [Fact]
    public async Task A_collection_during_a_native_call_frees_none_of_its_numbers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "TorchSharp loads by itself on other systems");
        LibTorch.Report.DelaysScalarRelease.Should().BeTrue();
        using var stop = new CancellationTokenSource();
        var collecting = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    GC.Collect(0);
                    GC.WaitForPendingFinalizers();
                }
            },
            CancellationToken.None);
        try
        {
            // Without the delay about ten of 25,000 rounds a second end in an exception of libtorch.
            var clock = Stopwatch.StartNew();
            for (var i = 0; clock.Elapsed < TimeSpan.FromSeconds(4); i++)
            {
                using var scope = torch.NewDisposeScope();
                double number = i % 1000;
                var ones = torch.ones(8);
                ((ones * number).clamp_max(number) + ones)[0].item<float>().Should().Be((float)number + 1);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await collecting;
        }
    }
}

#pragma warning disable CA1050 // The runtime looks for this name in no namespace.

/// <summary>What the runtime calls before Main where DOTNET_STARTUP_HOOKS names this assembly: a thread of the program fails.</summary>
internal static class StartupHook
{
    internal const string Variable = "DOTNET_STARTUP_HOOKS";

    public static void Initialize() => new Thread(() =>
    {
        Thread.Sleep(1000);
        throw new InvalidOperationException("a thread failed");
    })
    { IsBackground = true }.Start();
}

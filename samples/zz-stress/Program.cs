using ResidualPrompts.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;
LibTorch.EnsureLoaded();
var rnd = new Random(1);
var w = rand(96, 32, requires_grad: true);
long fails = 0, n = 0;
var end = DateTime.UtcNow.AddSeconds(int.Parse(args[0]));
var noise = Task.Run(() => { while (DateTime.UtcNow < end) { var a = new byte[rnd.Next(100, 100000)]; GC.KeepAlive(a); if (rnd.Next(1000) == 0) Thread.Sleep(1); } });
while (DateTime.UtcNow < end)
{
    using var scope = NewDisposeScope();
    try
    {
        var list = Enumerable.Range(1, 4).Select(i =>
        {
            var rows = linear(rand(i, 3 + i, 32), w);
            var parts = rows.view(rows.shape[0], rows.shape[1], 3, 4, 8).permute(2, 0, 3, 1, 4).unbind(0);
            return parts[0].matmul(parts[1].transpose(-1, -2)).sum();
        });
        stack(list.ToArray()).sum().backward();
        n++;
    }
    catch (Exception e) { fails++; Console.WriteLine($"{n}: {e.Message.Split('\n')[0]}"); }
}
Console.WriteLine($"{n} rounds, {fails} failures");

using ResidualPrompts.Models.T5;
using static TorchSharp.torch;

namespace ResidualPrompts.PromptedModels;

/// <summary>The loop of greedy generation.</summary>
internal static class GreedyDecoding
{
    internal static int[][] Run(DecoderSession session, int count, T5Config config, Device device, GenerationOptions options)
    {
        var generated = Enumerable.Range(0, count).Select(_ => new List<int>()).ToArray();
        var last = new long[count];
        Array.Fill(last, config.DecoderStartId);
        var done = new bool[count];
        for (var step = 0; step < options.MaxNewTokens && done.Contains(false); step++)
        {
            using var scope = NewDisposeScope();
            var logits = session.Step(tensor(last, device: device)); // [B, V]
            if (!options.IgnoreEos && step < options.MinNewTokens)
                logits.select(1, config.EosId).fill_(float.NegativeInfinity);
            last = logits.argmax(-1).cpu().data<long>().ToArray();
            for (var row = 0; row < count; row++)
            {
                if (done[row])
                    continue;
                generated[row].Add((int)last[row]);
                done[row] = !options.IgnoreEos && last[row] == config.EosId;
            }
        }

        return [.. generated.Select(ids => ids.ToArray())];
    }
}

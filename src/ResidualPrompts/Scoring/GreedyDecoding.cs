using ResidualPrompts.Models.T5;
using static TorchSharp.torch;

namespace ResidualPrompts.Scoring;

/// <summary>The loop of greedy generation.</summary>
internal static class GreedyDecoding
{
    /// <summary>Generates tokens for all rows of a session.</summary>
    /// <returns>New tokens of each row, and whether all of the row's logits were finite.</returns>
    internal static (int[][] Ids, bool[] AreFinite) Run(DecoderSession session, int count, T5Config config, Device device, GenerationOptions options)
    {
        var generated = Enumerable.Range(0, count).Select(_ => new List<int>()).ToArray();
        var last = new long[count];
        Array.Fill(last, config.DecoderStartId);
        var (done, areFinite) = (new bool[count], new bool[count]);
        Array.Fill(areFinite, true);
        for (var step = 0; step < options.MaxNewTokens && done.Contains(false); step++)
        {
            using var scope = NewDisposeScope();
            var logits = session.Step(tensor(last, device: device)); // [B, V]
            if (!options.IgnoreEos && step < options.MinNewTokens)
                logits.select(1, config.EosId).fill_(float.NegativeInfinity);
            var best = logits.argmax(-1, keepdim: true); // [B, 1]; NaN counts as the largest
            var isFinite = logits.gather(1, best).isfinite().cpu().data<bool>().ToArray();
            last = best.cpu().data<long>().ToArray();
            for (var row = 0; row < count; row++)
            {
                if (done[row])
                    continue;
                generated[row].Add((int)last[row]);
                areFinite[row] &= isFinite[row];
                done[row] = !options.IgnoreEos && last[row] == config.EosId;
            }
        }

        return ([.. generated.Select(ids => ids.ToArray())], areFinite);
    }
}

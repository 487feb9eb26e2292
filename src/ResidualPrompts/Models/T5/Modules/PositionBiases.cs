namespace ResidualPrompts.Models.T5.Modules;

/// <summary>The position biases of a stack of blocks: one for all of them, or one for each (umT5).</summary>
internal sealed class PositionBiases
{
    private readonly RelativePositionBias[] _biases;

    internal PositionBiases(T5Config config, WeightScope stack, int layerCount, bool bidirectional) =>
        _biases = [.. Enumerable.Range(0, config.HasBiasInEveryLayer ? layerCount : 1).Select(i => new RelativePositionBias(
            stack[$"block.{i}.layer.0.SelfAttention.relative_attention_bias.weight"], config, bidirectional))];

    /// <summary>The first block's.</summary>
    internal RelativePositionBias First => _biases[0];

    /// <summary>Prepares the biases of a pass, each when its block is reached; one for all blocks is prepared once.</summary>
    /// <typeparam name="T">What a block takes.</typeparam>
    /// <param name="prepare">Prepares one.</param>
    /// <returns>The prepared bias of a block.</returns>
    internal Func<int, T> Prepare<T>(Func<RelativePositionBias, T> prepare)
    {
        if (_biases.Length > 1)
            return block => prepare(_biases[block]);
        var one = prepare(_biases[0]);
        return _ => one;
    }
}

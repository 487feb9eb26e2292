using ResidualPrompts.Models.T5.Modules;
using static TorchSharp.torch;

namespace ResidualPrompts.Models.T5;

/// <summary>Generates token by token with a cache of keys and values for each decoder layer. Dispose it when done.</summary>
internal sealed class DecoderSession : IDisposable
{
    private readonly T5Model _model;
    private readonly Decoder _decoder;
    private readonly int _capacity;
    private readonly DecoderCache _cache;

    internal DecoderSession(T5Model model, Decoder decoder, Tensor states, ReadOnlySpan<int> lengths, int capacity, bool absorbs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        (_model, _decoder, _capacity) = (model, decoder, capacity);
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        _cache = decoder.Prepare(states, lengths, capacity, absorbs);
        foreach (var kept in _cache.Tensors)
            kept.DetachFromDisposeScope();
    }

    /// <summary>Consumes the next token of each row.</summary>
    /// <param name="ids">i64[B]: first the start id, then the chosen tokens.</param>
    /// <returns>Logits of the following token, [B, V], in the caller's dispose scope.</returns>
    /// <exception cref="InvalidOperationException">More steps than the session was created for.</exception>
    public Tensor Step(Tensor ids)
    {
        if (_cache.Length == _capacity)
            throw new InvalidOperationException($"The session was created for {_capacity} steps.");
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        var state = _decoder.Step(_model.Embed(ids), _cache); // [B, H]
        return _model.Logits(state).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var kept in _cache.Tensors)
            kept.Dispose();
    }
}

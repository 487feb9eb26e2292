namespace ResidualPrompts.Models.T5;

/// <summary>The feed-forward layer of a T5.</summary>
internal enum FeedForwardKind
{
    /// <summary>T5 1.0: wo · relu(wi · x).</summary>
    Relu,

    /// <summary>T5 1.1: wo · (gelu(wi_0 · x) ⊙ wi_1 · x), gelu in its tanh form (Hugging Face's <c>gelu_new</c>).</summary>
    GatedGelu,
}

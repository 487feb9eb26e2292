using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// P trainable rows [P, H] that stand before the embedded input of a frozen model (Lester et al. 2021, arXiv 2104.08691). A
/// reparameterization computes them from other parameters while training; <see cref="Fold"/> computes them once and for all.
/// </summary>
public abstract class SoftPrompt : IDisposable
{
    /// <summary>Rows of the prompt, P.</summary>
    public abstract int VirtualTokenCount { get; }

    /// <summary>Width of a row, H.</summary>
    public abstract int HiddenSize { get; }

    /// <summary>The prompt as the model sees it, f32[P, H], connected to the parameters that it comes from.</summary>
    public abstract Tensor Forward();

    /// <summary>What trains, by name.</summary>
    public abstract IReadOnlyDictionary<string, Tensor> Parameters { get; }

    /// <summary>The prompt's rows as a plain prompt without the network that made them.</summary>
    public PlainPrompt Fold()
    {
        using var noGradients = no_grad();
        using var scope = NewDisposeScope();
        return new PlainPrompt(Forward().detach().clone());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var parameter in Parameters.Values)
            parameter.Dispose();
        GC.SuppressFinalize(this);
    }
}

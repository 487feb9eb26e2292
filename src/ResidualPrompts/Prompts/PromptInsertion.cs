using static TorchSharp.torch;

namespace ResidualPrompts.Prompts;

/// <summary>
/// Prepends prompts to embedded inputs: each row begins with [prompt; text]. Relative positions count from the first virtual token, so the prompt
/// needs no positions of its own. This class does not depend on how a prompt was computed.
/// </summary>
internal static class PromptInsertion
{
    /// <summary>Prepends one prompt to every example.</summary>
    /// <param name="prompt">[P, H]</param>
    /// <param name="embedded">[B, T, H], each example's rows at the front.</param>
    /// <param name="lengths">Valid rows of each example.</param>
    /// <returns>Rows [B, P + T, H] and their new lengths.</returns>
    public static (Tensor Rows, int[] Lengths) Prepend(Tensor prompt, Tensor embedded, ReadOnlySpan<int> lengths)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(embedded);
        CheckWidth(prompt, embedded);
        var promptRows = prompt.to_type(embedded.dtype).unsqueeze(0).expand(embedded.shape[0], -1, -1); // [B, P, H]
        return (cat([promptRows, embedded], 1), Longer(lengths, _ => (int)prompt.shape[0]));
    }

    /// <summary>Prepends a separate prompt to each example; prompts may differ in length.</summary>
    /// <param name="prompts">One [P_i, H] per example; P_i may be 0.</param>
    /// <param name="embedded">[B, T, H], each example's rows at the front.</param>
    /// <param name="lengths">Valid rows of each example.</param>
    /// <returns>Rows [B, longest P_i + length_i, H] and their new lengths.</returns>
    public static (Tensor Rows, int[] Lengths) Prepend(IReadOnlyList<Tensor> prompts, Tensor embedded, ReadOnlySpan<int> lengths)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(embedded);
        if (prompts.Count != embedded.shape[0])
            throw new ArgumentException($"Expected a prompt for each of {embedded.shape[0]} examples, found {prompts.Count}.", nameof(prompts));
        var newLengths = Longer(lengths, i => (int)prompts[i].shape[0]);
        var width = newLengths.Max();
        var rows = new Tensor[prompts.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            CheckWidth(prompts[i], embedded);
            var joined = cat([prompts[i].to_type(embedded.dtype), embedded[i].narrow(0, 0, lengths[i])], 0); // [P_i + length_i, H]
            rows[i] = nn.functional.pad(joined, [0, 0, 0, width - newLengths[i]]);
        }

        return (stack(rows), newLengths);
    }

    private static int[] Longer(ReadOnlySpan<int> lengths, Func<int, int> added)
    {
        var result = lengths.ToArray();
        for (var i = 0; i < result.Length; i++)
            result[i] += added(i);
        return result;
    }

    private static void CheckWidth(Tensor prompt, Tensor embedded)
    {
        if (prompt.dim() != 2 || prompt.shape[1] != embedded.shape[2])
            throw new ArgumentException($"Expected a prompt [P, {embedded.shape[2]}], found [{string.Join(", ", prompt.shape)}].", nameof(prompt));
    }
}

using static TorchSharp.torch;

namespace ResidualPrompts.Inspection;

/// <summary>
/// The similarity of prompts, by the two measures of Vu et al. 2022 (SPoT, arXiv 2110.07904, section 4.1): the cosine of their mean rows, and the
/// mean cosine over all pairs of rows. Prompts may differ in length.
/// </summary>
internal static class PromptSimilarity
{
    private const double LeastLength = 1e-12;

    /// <summary>Cosine of every pair of rows of the prompts, in prompt order: [ΣP, ΣP].</summary>
    /// <param name="prompts">f32[P, H] each, with equal H.</param>
    public static double[,] OfRows(IReadOnlyList<Tensor> prompts)
    {
        using var scope = NewDisposeScope();
        return Cosines(cat([.. prompts], 0));
    }

    /// <summary>Cosine of the mean rows of every pair of prompts.</summary>
    /// <param name="prompts">f32[P, H] each, with equal H.</param>
    public static double[,] OfMeans(IReadOnlyList<Tensor> prompts)
    {
        using var scope = NewDisposeScope();
        return Cosines(stack(prompts.Select(rows => rows.mean([0])).ToArray()));
    }

    /// <summary>Mean cosine over all pairs of rows, one from each prompt.</summary>
    /// <param name="prompts">f32[P, H] each, with equal H.</param>
    public static double[,] OfPairs(IReadOnlyList<Tensor> prompts)
    {
        using var scope = NewDisposeScope();
        var means = stack(prompts.Select(rows => Directions(rows).mean([0])).ToArray()); // a mean of products equals the product of the means
        return Matrix(means.matmul(means.t()));
    }

    internal static Tensor LengthsOf(Tensor rows) => rows.square().sum(1).sqrt();

    private static double[,] Cosines(Tensor rows)
    {
        var directions = Directions(rows);
        return Matrix(directions.matmul(directions.t()).clamp(-1, 1));
    }

    private static Tensor Directions(Tensor rows)
    {
        var exact = rows.detach().to_type(ScalarType.Float64);
        return exact / LengthsOf(exact).clamp_min(LeastLength).unsqueeze(1);
    }

    private static double[,] Matrix(Tensor square)
    {
        var size = (int)square.shape[0];
        var values = square.cpu().data<double>().ToArray();
        var matrix = new double[size, size];
        Buffer.BlockCopy(values, 0, matrix, 0, values.Length * sizeof(double));
        return matrix;
    }
}

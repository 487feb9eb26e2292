using ResidualPrompts.Cli.Measuring;
using ResidualPrompts.Models.T5;

namespace ResidualPrompts.Cli.Tests.Measuring;

public sealed class StepFlopsTests
{
    // d 4, dh = 2 heads of 3 = 6, ff 5, two encoder layers, one decoder layer, V 7
    private static readonly T5Config Tiny = new()
    {
        VocabularySize = 7,
        HiddenSize = 4,
        HeadSize = 3,
        HeadCount = 2,
        FeedForwardSize = 5,
        EncoderLayerCount = 2,
        DecoderLayerCount = 1,
    };

    // By hand, B = 2, L = 3, T = 2, so M = 6:
    // encoder linear  2·6·(4·24 + 2·20)·2 = 3264     encoder attention  4·2·9·6·2 = 864
    // cross K and V   4·6·24·1            =  576     cross attention    4·2·2·3·6 = 288
    // decoder linear  2·4·(6·24 + 2·20)·1 = 1472     decoder attention  4·2·4·6   = 192
    // output          2·4·4·7             =  224
    private const double Linear = 3264 + 576 + 1472 + 224;
    private const double Attention = 864 + 288 + 192;

    [Fact]
    public void A_frozen_step_is_two_linear_and_three_attention_passes() =>
        new StepFlops(Tiny).Of([3, 3], [2, 2]).Should().Be((2 * Linear) + (3 * Attention));

    [Fact]
    public void Weights_that_train_cost_one_linear_pass_more() =>
        new StepFlops(Tiny, trainsWeights: true).Of([3, 3], [2, 2]).Should().Be((3 * Linear) + (3 * Attention));

    [Fact]
    public void A_gated_feed_forward_layer_has_three_matrices()
    {
        // one more matrix of 20: 2·6·20·2 in the encoder, 2·4·20 in the decoder, both forward and backward
        var gated = Tiny with { FeedForward = FeedForwardKind.GatedGelu };
        (new StepFlops(gated).Of([3, 3], [2, 2]) - new StepFlops(Tiny).Of([3, 3], [2, 2])).Should().Be(2 * (480 + 160));
    }

    [Fact]
    public void Ragged_rows_count_as_many_as_they_are()
    {
        // examples of 1 and 3 rows, targets of 2 and 1: M = 4, squares 10, targets 3, target by row 2 + 3 = 5, target squares 5
        const double linear = (2 * 4 * 136 * 2) + (4 * 4 * 24) + (2 * 3 * 184) + (2 * 3 * 28);
        const double attention = (4 * 10 * 6 * 2) + (4 * 5 * 6) + (4 * 5 * 6);
        new StepFlops(Tiny).Of([1, 3], [2, 1]).Should().Be((2 * linear) + (3 * attention));
    }

    [Fact]
    public void T5_base_at_266_positions_takes_919_billion_operations()
    {
        // 2128 rows; a layer's matrices hold 4·589,824 + 4,718,592 = 7,077,888 numbers, the decoder's 6·589,824 + 4,718,592 = 8,257,536
        const double linear = (2.0 * 2128 * 7_077_888 * 12) + (4.0 * 2128 * 589_824 * 12) + (2.0 * 24 * 8_257_536 * 12) + (2.0 * 24 * 768 * 32_128);
        const double attention = 4.0 * ((8 * 266 * 266) + (8 * 3 * 266) + (8 * 3 * 3)) * 768 * 12;
        var flops = new StepFlops(ModelShapes.Find("t5-base")).Of([.. Enumerable.Repeat(266, 8)], [.. Enumerable.Repeat(3, 8)]);
        flops.Should().Be((2 * linear) + (3 * attention)).And.BeApproximately(919e9, 1e9);
    }
}

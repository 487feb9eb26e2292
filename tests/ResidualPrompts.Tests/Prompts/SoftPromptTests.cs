using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Prompts;

public sealed class SoftPromptTests
{
    public static TheoryData<string> Kinds => PromptKinds.All;

    public static TheoryData<string> RowByRow => PromptKinds.RowByRow;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_folded_prompt_is_the_prompt_of_training_without_its_network(string kind)
    {
        using var scope = NewDisposeScope();
        using var prompt = PromptKinds.Create(kind);
        using var folded = prompt.Fold();
        TensorAssert.Equal(folded.Forward(), prompt.Forward());
        folded.Parameters.Keys.Should().Equal("prompt");
        folded.Forward().requires_grad.Should().BeFalse();
        prompt.Parameters["prompt"].requires_grad.Should().BeTrue();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_parameter_and_every_row_gets_a_gradient(string kind)
    {
        using var scope = NewDisposeScope();
        using var prompt = PromptKinds.Create(kind);
        var weights = arange(1, PromptKinds.Length * PromptKinds.HiddenSize + 1, ScalarType.Float32).sin().view(PromptKinds.Length, -1);
        (prompt.Forward() * weights).sum().backward();
        // softmax ignores a constant key bias, the middle third of a transformer's in_proj_bias
        foreach (var (name, parameter) in prompt.Parameters)
            parameter.grad!.abs().sum().item<float>().Should().BeGreaterThan(1e-6f, name);
        prompt.Parameters["prompt"].grad!.abs().sum(1).data<float>().ToArray().Should().OnlyContain(norm => norm > 1e-7f);
    }

    [Theory]
    [MemberData(nameof(RowByRow))]
    public void A_row_depends_on_no_other_row(string kind)
    {
        using var scope = NewDisposeScope();
        using var prompt = PromptKinds.Create(kind);
        var before = prompt.Forward().detach().clone();
        using (no_grad())
            prompt.Parameters["prompt"][2].add_(1);
        var after = prompt.Forward();
        foreach (var row in new[] { 0, 1, 3 })
            TensorAssert.Equal(after[row], before[row], $"row {row}");
        TensorAssert.Differ(after[2], before[2], 1e-4);
    }

    [Fact]
    public void The_formula_is_the_papers()
    {
        using var scope = NewDisposeScope();
        using var prompt = PromptKinds.Create("residual mlp");
        Tensor P(string name) => prompt.Parameters[name];
        var inner = (P("prompt").matmul(P("module.0.weight").t()) + P("module.0.bias")).clamp_min(0);
        var outer = inner.matmul(P("module.2.weight").t()) + P("module.2.bias");
        var centered = outer - outer.mean([1], keepdim: true);
        var normed = centered / (centered.square().mean([1], keepdim: true) + 1e-5).sqrt();
        TensorAssert.Close(prompt.Forward(), P("prompt") + (normed * P("module.3.weight")) + P("module.3.bias"), 1e-5);
    }

    [Fact]
    public void Shared_and_separate_networks_have_the_numbers_of_parameters_of_the_formula()
    {
        const int p = PromptKinds.Length, h = PromptKinds.HiddenSize, m = 6;
        static long Count(string kind)
        {
            using var prompt = PromptKinds.Create(kind);
            return prompt.Parameters.Values.Sum(parameter => parameter.numel());
        }

        const int network = (2 * h * m) + m + h + (2 * h);
        Count("plain").Should().Be(p * h);
        Count("residual mlp").Should().Be((p * h) + network);
        Count("mlp a row").Should().Be((p * h) + (p * network));
        Count("mlp without norm").Should().Be((p * h) + network - (2 * h));
    }

    [Fact]
    public void Dropout_acts_inside_the_network_only_when_it_is_passed()
    {
        using var scope = NewDisposeScope();
        using var prompt = PromptKinds.Create("residual mlp");
        TensorAssert.Equal(prompt.Forward(), prompt.Forward());
        TensorAssert.Differ(prompt.Forward(x => x * 0), prompt.Forward(), 1e-3);
        // a norm of nothing is its bias
        TensorAssert.Close(prompt.Forward(x => x * 0), prompt.Parameters["prompt"] + prompt.Parameters["module.3.bias"], 1e-6);
        using var plain = PromptKinds.Create("plain");
        TensorAssert.Equal(plain.Forward(x => x * 0), plain.Forward());
    }

    [Fact]
    public void A_prompt_that_is_not_finite_is_not_folded()
    {
        using var prompt = PromptKinds.Create("plain");
        using (no_grad())
            prompt.Parameters["prompt"][1, 2] = float.NaN;
        prompt.Invoking(spoilt => spoilt.Fold()).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Rows_that_are_no_matrix_are_refused()
    {
        using var scope = NewDisposeScope();
        FluentActions.Invoking(() => new PlainPrompt(zeros(20))).Should().Throw<ArgumentException>().WithMessage("*[P, H]*[20]*");
        FluentActions.Invoking(() => new PlainPrompt(zeros(0, 20))).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => new PlainPrompt(zeros(2, 20, dtype: ScalarType.Float64))).Should().Throw<ArgumentException>();
    }
}

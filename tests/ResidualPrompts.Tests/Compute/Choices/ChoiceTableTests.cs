using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Choices;

namespace ResidualPrompts.Tests.Compute.Choices;

public sealed class ChoiceTableTests
{
    [Fact]
    public void Every_family_has_every_operation_once_with_its_evidence()
    {
        foreach (var family in Enum.GetValues<ProcessorFamily>())
        {
            foreach (var operation in OperationNames.All.Keys)
                ChoiceTable.Row(family, operation).Evidence.Should().NotBeEmpty($"{operation} on {family}");
        }

        OperationNames.All.Keys.Aggregate((set, operation) => set | operation).Should().Be(Operations.All);
    }

    [Fact]
    public void What_no_one_measured_is_computed_by_libtorch_but_for_attention_with_dropout_and_products_on_Intel_by_MKL()
    {
        ChoiceTable.ManagedOn(ProcessorFamily.UnknownX86).Should().Be(Operations.SelfAttentionWithDropout);
        ChoiceTable.ManagedOn(ProcessorFamily.Other).Should().Be(Operations.None);
        ChoiceTable.ManagedOn(ProcessorFamily.AmdAvx512).Should().Be(Operations.All);
        foreach (var family in new[] { ProcessorFamily.IntelAvx512, ProcessorFamily.IntelAvx2 })
        {
            (ChoiceTable.ManagedOn(family) & Operations.Products).Should().Be(Operations.None);
            ChoiceTable.ManagedOn(family).Should().HaveFlag(Operations.SelfAttentionWithDropout);
        }
    }

    [Theory]
    [InlineData("GenuineIntel", "avx512", "IntelAvx512")]
    [InlineData("GenuineIntel", "avx2", "IntelAvx2")]
    [InlineData("AuthenticAMD", "avx512", "AmdAvx512")]
    [InlineData("AuthenticAMD", "avx2", "AmdAvx2")]
    [InlineData("HygonGenuine", "avx2", "UnknownX86")]
    [InlineData(null, "avx512", "UnknownX86")]
    [InlineData("GenuineIntel", null, "Other")]
    [InlineData(null, null, "Other")]
    public void A_family_is_maker_and_instructions(string? vendor, string? instructions, string family) =>
        ProcessorFamilies.Of(vendor, instructions).ToString().Should().Be(family);
}

using System.Text.Json.Nodes;
using ResidualPrompts.Compute;
using ResidualPrompts.Compute.Choices;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Compute.Choices;

public sealed class CalibrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private Calibration Saved => new("avx512", _folder.File("compute"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_and_other_instructions_have_their_own()
    {
        Saved.Read().Should().Be(((Operations?)null, (string?)null));
        foreach (var managed in new[] { Operations.None, Operations.All, Operations.Norm | Operations.CrossAttention })
        {
            Saved.Write(managed);
            Saved.Read().Should().Be(((Operations?)managed, (string?)null));
        }

        new Calibration("avx2", _folder.File("compute")).Read().Should().Be(((Operations?)null, (string?)null));
    }

    [Theory]
    [InlineData("", "*")]
    [InlineData("[]", "*not a JSON object*")]
    [InlineData("{\"operations\": {}}", "*processor*")]
    public void A_damaged_file_is_ignored_with_its_name_and_the_reason(string text, string reason)
    {
        Saved.Write(Operations.All);
        File.WriteAllText(Saved.Path, text);
        var (managed, problem) = Saved.Read();
        managed.Should().BeNull();
        problem.Should().StartWith($"{Saved.Path} is ignored: ").And.Match(reason);
    }

    [Theory]
    [InlineData("norm", "\"fast\"")]
    [InlineData("norm", "null")]
    [InlineData("norm", "1")]
    public void A_choice_that_is_none_is_damage(string operation, string value)
    {
        Saved.Write(Operations.All);
        var json = JsonNode.Parse(File.ReadAllText(Saved.Path))!;
        json["operations"]![operation] = JsonNode.Parse(value);
        File.WriteAllText(Saved.Path, json.ToJsonString());
        Saved.Read().Problem.Should().Contain(operation);
    }

    [Fact]
    public void A_file_of_another_processor_is_ignored()
    {
        Saved.Write(Operations.All);
        File.WriteAllText(Saved.Path, File.ReadAllText(Saved.Path).Replace("avx512", "avx2"));
        Saved.Read().Problem.Should().Contain("instructions");
    }
}

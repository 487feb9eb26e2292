using System.Text;
using CsCheck;
using ResidualPrompts.Adapters;
using ResidualPrompts.Prompts;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Tests.Adapters;

/// <summary>Whatever the bytes are: a prompt of finite rows, or an <see cref="InputException"/>; never anything else.</summary>
public sealed class PromptFuzzTests : IDisposable
{
    private const int Iterations = 1_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("prompt.npy", PromptFormat.Npy)]
    [InlineData("prompt.safetensors", PromptFormat.Safetensors)]
    [InlineData("encoder.pt", PromptFormat.Tgis)]
    public void A_damaged_file_is_a_prompt_or_bad_input(string name, PromptFormat format)
    {
        using var prompt = Rows();
        var path = _folder.File(name);
        PromptFile.Write(path, format, prompt);
        Fuzz(path, () => PromptFile.Read(path).Dispose(), printable: false);
    }

    [Fact]
    public void A_damaged_config_of_PEFT_is_a_prompt_or_bad_input()
    {
        using var prompt = Rows();
        PeftAdapter.Write(_folder.Path, prompt);
        Fuzz(_folder.File(PeftConfig.FileName), () => PromptFile.Read(_folder.Path).Dispose(), printable: true);
    }

    [Fact]
    public void A_damaged_contract_is_a_contract_or_bad_input()
    {
        PromptContractTests.Whole.Write(_folder.Path);
        Fuzz(_folder.File(PromptContract.FileName), () => PromptContract.Find(_folder.Path), printable: true);
    }

    [Fact]
    public void Configs_of_random_values_are_read_or_refused()
    {
        using var prompt = Rows();
        PeftAdapter.Write(_folder.Path, prompt);
        var value = Gen.OneOf("4", "6", "0", "-1", "1e9", "2.5", "99999999999999999999", "null", "\"PROMPT_TUNING\"", "\"SEQ_2_SEQ_LM\"",
            "\"\\ud800\"", "[]", "{}", "true", "\"\"");
        var key = Gen.OneOf("num_virtual_tokens", "token_dim", "peft_type", "task_type", "base_model_name_or_path", "revision", "num_layers", "x",
            "\\ud800");
        Gen.Select(key, value).Array[0, 5].Sample(
            fields =>
            {
                var pairs = fields.Select(field => $"\"{field.Item1}\":{field.Item2}").Prepend("\"peft_type\":\"P_TUNING\",\"num_virtual_tokens\":2");
                Tries(_folder.File(PeftConfig.FileName), Encoding.UTF8.GetBytes($"{{{string.Join(',', pairs)}}}"), () =>
                    PromptFile.Read(_folder.Path).Dispose());
            },
            iter: Iterations,
            threads: 1);
    }

    private void Fuzz(string path, Action read, bool printable)
    {
        var valid = File.ReadAllBytes(path);
        var outcomes = new HashSet<bool>();
        var newByte = printable ? Gen.OneOf(Gen.Byte[32, 126], Gen.OneOf("{}[]\",:0-"u8.ToArray())) : Gen.Byte;
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, valid.Length - 1], newByte, Gen.Int[1, 30]).Array[1, 3].Sample(
            steps => { outcomes.Add(Tries(path, steps.Aggregate(valid, Mutate), read)); },
            iter: Iterations,
            threads: 1);
        outcomes.Should().BeEquivalentTo([true, false]); // both were seen: the changes are neither harmless nor all fatal
    }

    private static byte[] Mutate(byte[] bytes, (int Kind, int At, byte Value, int Length) step)
    {
        var at = Math.Min(step.At, bytes.Length);
        var end = Math.Min(at + step.Length, bytes.Length);
        return step.Kind switch
        {
            0 when at < bytes.Length => [.. bytes[..at], step.Value, .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], step.Value, .. bytes[at..]],
            2 => [.. bytes[..at], .. bytes[end..]],
            _ => [.. bytes[..end], .. bytes[at..]],
        };
    }

    private static bool Tries(string path, byte[] bytes, Action read)
    {
        File.WriteAllBytes(path, bytes);
        try
        {
            read();
            return true;
        }
        catch (InputException e)
        {
            e.Message.Should().NotBeEmpty().And.NotContain("System.");
            return false;
        }
    }

    private static PlainPrompt Rows()
    {
        using var scope = NewDisposeScope();
        return new PlainPrompt(arange(24).to_type(ScalarType.Float32).view(4, 6).clone());
    }
}

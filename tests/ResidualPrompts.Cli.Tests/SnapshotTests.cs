using System.Text;
using ResidualPrompts.Cli.OriginalCommand;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>What users and documents rely on changes only on purpose.</summary>
public sealed class SnapshotTests
{
    [Theory]
    [InlineData("residual-prompts")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("predict")]
    [InlineData("study")]
    [InlineData("sweep")]
    [InlineData("sweep plan")]
    [InlineData("sweep finish")]
    [InlineData("sweep run")]
    [InlineData("sweep status")]
    [InlineData("sweep retry")]
    [InlineData("sweep clean")]
    [InlineData("sweep schema")]
    [InlineData("watch")]
    [InlineData("compare")]
    [InlineData("convert")]
    [InlineData("inspect")]
    [InlineData("demo")]
    [InlineData("completion")]
    [InlineData("serve")]
    [InlineData("score")]
    [InlineData("tasks")]
    [InlineData("tasks list")]
    [InlineData("tasks show")]
    [InlineData("tasks score")]
    [InlineData("tokenize")]
    [InlineData("hub")]
    [InlineData("hub download")]
    [InlineData("hub list")]
    [InlineData("data check")]
    [InlineData("doctor")]
    [InlineData("bench")]
    [InlineData("bench step")]
    [InlineData("bench all")]
    [InlineData("bench compute")]
    [InlineData("bench profile")]
    [InlineData("bench learn")]
    public async Task Help_is_as_it_was(string command)
    {
        var result = await Program.Run(command == "residual-prompts" ? ["--help"] : [.. command.Split(' '), "--help"]);
        // The number of cores is this machine's.
        Snapshot.Match($"help-{command.Replace(' ', '-')}.txt",
            System.Text.RegularExpressions.Regex.Replace(result.Output, @"this process \(\d+\)", "this process (N)"));
    }

    [Fact]
    public void The_table_of_the_originals_flags_is_the_translation_itself()
    {
        var table = new StringBuilder("| flag | original's default | here |\n|---|---|---|\n");
        foreach (var flag in OriginalFlags.All)
            table.Append($"| `{flag.Name}` | {flag.Default} | {flag.Meaning} |\n");
        Snapshot.MatchPart(Path.Combine(Snapshot.Repository(), "docs", "original-command.md"), "<!-- table -->", "<!-- end of table -->",
            table.ToString());
    }

    [Fact]
    public void The_table_of_what_the_originals_definition_changes_is_the_one_in_the_document()
    {
        var table = string.Concat(OriginalDifferences.All.Select(difference => $"| {difference.What} | {difference.Here} | {difference.There} |\n"));
        var document = Path.Combine(Snapshot.Repository(), "docs", "original-command.md");
        Snapshot.MatchPart(document, "<!-- compat -->", "<!-- end of compat -->", "| what | here | with `--compat original` |\n|---|---|---|\n"
            + table);
    }

    [Fact]
    public void Every_flag_of_the_original_is_known()
    {
        OriginalFlags.All.Select(flag => flag.Name).Append("--task").Should().BeEquivalentTo(
            "--save_dir", "--save_name", "--task", "--model_name", "--num_epochs", "--batch_size", "--seq_len", "--prefix_len", "--lr",
            "--prefix_path", "--random_prompt_init", "--prefix_MLP", "--residual",
            "--separate_mlps", "--mlp_layer_norm", "--nonlinearity", "--bottleneck_size", "--mlp_dropout", "--freeze_weights", "--freeze_except",
            "--early_stopping", "--select_k_per_class", "--get_test_subset",
            "--limit_val_set", "--test_eval_after_every_task");
    }

    [Theory]
    [InlineData("--residual", "0", "skip=false")]
    [InlineData("--residual", "1", "skip=true")]
    [InlineData("--separate_mlps", "1", "separate_networks=true")]
    [InlineData("--mlp_layer_norm", "0", "layer_norm=false")]
    [InlineData("--nonlinearity", "sigm", "nonlinearity=sigmoid")]
    [InlineData("--random_prompt_init", "1", "prompt_init=uniform")]
    [InlineData("--prefix_path", "p.npy", "prompt_init=file:p.npy")]
    [InlineData("--prefix_path", "", "")]
    [InlineData("--early_stopping", "0", "release=last")]
    [InlineData("--select_k_per_class", "-1", "few_shot=")]
    [InlineData("--select_k_per_class", "20", "few_shot=20")]
    [InlineData("--limit_val_set", "7", "validation_per_class=7")]
    [InlineData("--get_test_subset", "1", "test_from_validation=true")]
    [InlineData("--test_eval_after_every_task", "1", "test=true")]
    [InlineData("--mlp_dropout", "0.1", "network_dropout=0.1")]
    [InlineData("--freeze_weights", "1", "method=prompt")]
    [InlineData("--freeze_except", "xxxx", "")]
    [InlineData("--prefix_MLP", "MLP1", "reparameterization=mlp")]
    [InlineData("--prefix_MLP", "None", "reparameterization=none")]
    public void A_flag_is_translated(string name, string value, string expected)
    {
        var translation = OriginalFlags.All.Single(flag => flag.Name == name).Translate(value);
        translation.Should().NotBeNull();
        string.Join(",", translation!.Settings.Select(setting => $"{setting.Key}={setting.Value}")).Should().Be(expected);
    }

    [Theory]
    [InlineData("--residual", "2")]
    [InlineData("--lr", "fast")]
    [InlineData("--num_epochs", "1.5")]
    [InlineData("--select_k_per_class", "0")]
    [InlineData("--prefix_MLP", "mlp1")]
    [InlineData("--freeze_weights", "yes")]
    public void A_value_that_a_flag_does_not_have_is_none(string name, string value) =>
        OriginalFlags.All.Single(flag => flag.Name == name).Translate(value).Should().BeNull();
}

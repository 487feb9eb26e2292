using System.Globalization;
using System.Text.Json.Nodes;

namespace ResidualPrompts.Cli.OriginalCommand;

/// <summary>
/// The flags of the original command in terms of our settings. This table is the only definition; docs/original-command.md is generated from
/// it. Without a flag our own default applies, which equals the original's except where that document says otherwise.
/// </summary>
internal static class OriginalFlags
{
    internal static IReadOnlyList<OriginalFlag> All { get; } =
    [
        Text("--save_dir", "the authors' folder", "`--save-dir`; `%u` is the user's name", "save_dir"),
        Text("--save_name", "required", "`--save-name`", "save_name"),
        Text("--model_name", "t5-base", "`--model`", "model"),
        Number("--num_epochs", "5", "`--epochs`", "epochs"),
        Number("--batch_size", "8", "`--batch-size`", "batch_size"),
        Number("--seq_len", "512", "`--max-input-length`, the prompt's tokens included; only the text is truncated, and `</s>` is kept",
            "max_input_length"),
        Number("--prefix_len", "10", "`--prompt-length`", "prompt_length"),
        Real("--lr", "0.3", "`--learning-rate`", "learning_rate"),
        new("--prefix_path", "''", "`--prompt-init file:PATH`; empty means none", "a path",
            value => value.Length == 0 ? Translation.Nothing : Translation.Of("prompt_init", $"file:{value}")),
        new("--random_prompt_init", "0",
            "1: `--prompt-init uniform`, which has the prompt's width and is used, unlike in the original; 0: `--prompt-init vocabulary`", "0 or 1",
            value => value switch
        {
            "1" => Translation.Of("prompt_init", "uniform"),
            "0" => Translation.Nothing,
            _ => null,
        }),
        new("--prefix_MLP", "None",
            "`--reparameterization`: None is none, MLP1 is mlp, and so on; MLP2 is two networks here, and MLP2-tied is the original's one network "
                + "applied twice",
            "None, MLP1, MLP2, MLP2-tied, LSTM, LSTM1, LSTM2 or transformer", value => value switch
        {
            "None" => Translation.Of("reparameterization", "none"),
            "MLP1" => Translation.Of("reparameterization", "mlp"),
            "MLP2" or "MLP2-tied" or "LSTM" or "LSTM1" or "LSTM2" or "transformer" => Translation.Of("reparameterization", value.ToLowerInvariant()),
            _ => null,
        }),
        Switch("--residual", "1", "0: `--no-skip`", "skip"),
        Switch("--separate_mlps", "0", "1: `--separate-networks`", "separate_networks"),
        Switch("--mlp_layer_norm", "1", "0: `--no-layer-norm`", "layer_norm"),
        new("--nonlinearity", "relu", "`--nonlinearity`; sigm is sigmoid", "relu, tanh, sigmoid (or sigm) or gelu", value => value switch
        {
            "relu" or "tanh" or "gelu" or "sigmoid" => Translation.Of("nonlinearity", value),
            "sigm" => Translation.Of("nonlinearity", "sigmoid"),
            _ => null,
        }),
        Number("--bottleneck_size", "800", "`--bottleneck-size`", "bottleneck_size"),
        Real("--mlp_dropout", "0.0", "`--network-dropout`", "network_dropout"),
        new("--freeze_weights", "0", "1: the T5 is frozen, the default here; 0: `--method full`, which has no prompt", "0 or 1", value => value switch
        {
            "1" => Translation.Of("method", "prompt"),
            "0" => Translation.Of("method", "full"),
            _ => null,
        }),
        new("--freeze_except", "xxxxxxx", "`--train-weights`; a word of only x has no effect, as in the original", "a word", value =>
            value.Trim('x').Length == 0 ? Translation.Nothing : Translation.Of("train_weights", value)),
        new("--early_stopping", "0", "1: `--release best`, after all epochs; 0: `--release last`", "0 or 1", value => value switch
        {
            "1" => Translation.Of("release", "best"),
            "0" => Translation.Of("release", "last"),
            _ => null,
        }),
        new("--select_k_per_class", "-1", "`--few-shot`, for every task; -1 means all", "-1 or a number of examples",
            value => Count(value, "few_shot")),
        Switch("--get_test_subset", "0", "1: `--test-from-validation`", "test_from_validation"),
        new("--limit_val_set", "-1", "`--validation-per-class`, which the original parses and ignores; -1 means all",
            "-1 or a number of examples", value => Count(value, "validation_per_class")),
        Switch("--test_eval_after_every_task", "0", "1: `--test`, which the original parses and ignores", "test"),
    ];

    private static OriginalFlag Text(string name, string fallback, string meaning, string key) =>
        new(name, fallback, meaning, "a text", value => Translation.Of(key, value));

    private static OriginalFlag Number(string name, string fallback, string meaning, string key) =>
        new(name, fallback, meaning, "a whole number", value =>
            int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? Translation.Of(key, number) : null);

    private static OriginalFlag Real(string name, string fallback, string meaning, string key) =>
        new(name, fallback, meaning, "a number", value =>
            double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? Translation.Of(key, number)
                : null);

    private static OriginalFlag Switch(string name, string fallback, string meaning, string key) =>
        new(name, fallback, meaning, "0 or 1", value => value is "0" or "1" ? Translation.Of(key, JsonValue.Create(value == "1")) : null);

    private static Translation? Count(string value, string key) => value == "-1"
        ? Translation.Of(key, null)
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 ? Translation.Of(key, count) : null;
}

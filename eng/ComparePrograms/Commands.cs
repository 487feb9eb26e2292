namespace ResidualPrompts.ComparePrograms;

/// <summary>The fixed list of commands. Later commands use the results of earlier ones.</summary>
internal static class Commands
{
    private const int Failed = 2;
    private const int Interrupted = 130;
    private const int Killed = 128 + (int)Signal.Kill;

    internal static void Run(Session session)
    {
        Train(session);
        KillAndResume(session);
        Predict(session);
        Look(session);
        Convert(session);
        Messages(session);
        Help(session);
    }

    private static void Train(Session session)
    {
        const string Subj = "--task subj --few-shot 16 --validation-per-class 16 --epochs 2";
        const string Few = "--task subj --few-shot 8 --validation-per-class 8 --epochs 1";
        void Run(string name, string settings) => 
            session.Run($"train-{name}", $"train --model t5-nano --prompt-length 4 --save-name {name} {settings}");

        Run("plain", Subj + " --test");
        Run("mlp", Subj + " --reparameterization mlp --bottleneck-size 32");
        foreach (var kind in new[] { "mlp2", "mlp2-tied" })
            Run(kind, $"{Few} --reparameterization {kind} --bottleneck-size 16");
        foreach (var kind in new[] { "lstm", "lstm1", "lstm2" })
            Run(kind, $"{Few} --reparameterization {kind}");
        Run("transformer", Few + " --reparameterization transformer --feed-forward-size 64 --network-dropout 0.1");
        Run("no-skip", Few + " --reparameterization mlp --bottleneck-size 16 --no-skip --no-layer-norm --nonlinearity gelu");
        Run("separate", Few + " --reparameterization mlp --bottleneck-size 16 --separate-networks --network-learning-rate 0.01");
        Run("full", Few + " --method full --test-from-validation");
        Run("weights", Few + " --train-weights layer_norm --learning-rate 0.01");
        Run("adamw", Few + " --optimizer adamw --schedule cosine --warmup-steps 1 --clip 1 --weight-decay 0.01 --batch-size 4");
        Run("adafactor", Few + " --optimizer adafactor --schedule linear --batch-size 2 --accumulation 2 --gradient-checkpointing");
        Run("generate", Few + " --evaluation generate --release last --no-shuffle --dropout 0");
        Run("patience", "--task rotten-tomatoes --few-shot 4 --validation-per-class 4 --epochs 6 --patience 1 --seed 3");
        Run("init-text", Few + " --prompt-init \"text:is this a review or a story\"");
        Run("init-labels", Few + " --prompt-init label-words --few-shot-seed 2");
        Run("init-uniform", Few + " --prompt-init uniform:0.2 --max-input-length 24");
        Run("init-file", Few + " --prompt-init file:runs/init-text/prompt.npy");
        Run("still", "--task subj --few-shot 8 --validation-per-class 8 --batch-size 1 --epochs 2 --learning-rate 1e-7");
        Run("far", Few + " --learning-rate 1000");
        Run("seeds", Few + " --seeds 0,1");
        session.Run("train-config", "train --config ../inputs/settings.json --seed 5");
        Run("copa", "--task copa --few-shot 8 --validation-per-class 8 --epochs 1");
        Run("copa-original", "--task copa --compat original --few-shot 4 --validation-per-class 4 --epochs 1");
        Run("wsc", "--task wsc --few-shot 8 --validation-per-class 8 --epochs 1");
        Run("own", "--data ../inputs/own.csv --template \"review: {body}\" --label-words 0=bad,1=good --label-field kind"
            + " --epochs 1 --validation-fraction 0.2");
        Run("task-file", "--task ../inputs/task.json --few-shot 8 --epochs 1");
        Run("open", "--task ../inputs/open.json --data ../inputs/copa.jsonl --epochs 1");
        session.Run("train-original-command", "train --task wsc --prefix_MLP MLP1 --lr 0.3 --freeze_weights 1 --freeze_except xxxx"
            + " --model_name t5-nano --early_stopping 1 --test_eval_after_every_task 1 --select_k_per_class 8 --limit_val_set 8 --bottleneck_size 16"
            + " --batch_size 8 --num_epochs 1 --prefix_len 10 --save_dir runs/%u/my_dir/ --save_name my_model_folder");
        session.Run("train-original-flags", "train --task copa --prefix_MLP MLP2-tied --residual 0 --separate_mlps 0 --nonlinearity sigm"
            + " --mlp_layer_norm 0 --bottleneck_size 16 --random_prompt_init 1 --seq_len 64 --early_stopping 0 --get_test_subset 1"
            + " --select_k_per_class 4 --num_epochs 1 --model_name t5-nano --save_name original");
    }

    private static void KillAndResume(Session session)
    {
        // Step 2 of epoch 2: the checkpoint of epoch 1 exists by then, and the next one is not due for a while.
        const string Killable = "train --model t5-nano --task subj --few-shot 32 --validation-per-class 8 --epochs 3 --prompt-length 4";
        var kinds = new[]
        {
            ("killed", "mlp --bottleneck-size 32", Signal.Kill, Killed), ("interrupted", "lstm", Signal.Terminate, Interrupted),
        };
        foreach (var (name, kind, signal, code) in kinds)
        {
            var command = $"{Killable} --save-name {name} --reparameterization {kind}";
            session.Run($"train-{name}", command, code, stop: new Stop(signal, $"runs/{name}/events.jsonl", "\"step\":10,\"epoch\":2"));
            // An interrupted run does not always stop after the same step, so messages of the resumed process differ, but no files do.
            session.Run($"train-{name}-resumed", command + " --resume", keepsErrors: signal == Signal.Kill);
        }

        session.Run("train-resume-finished", Killable + " --save-name killed --reparameterization mlp --bottleneck-size 32 --resume");
        session.Run("train-overwrite", "train --config ../inputs/settings.json --overwrite");
        foreach (var output in new[] { "killed.csv", "killed.parquet" })
        {
            var command = $"predict runs/mlp --input ../inputs/many.jsonl --output out/{output}";
            session.Run($"predict-{output}", command, Killed, stop: new Stop(Signal.Kill, $"out/{output}.progress.json", "\"read_count\": 1024"));
            session.Run($"predict-{output}-resumed", command + " --resume");
        }

        session.Run("predict-resume-finished", "predict runs/mlp --input ../inputs/many.jsonl --output out/killed.csv --resume");
    }

    private static void Predict(Session session)
    {
        foreach (var kind in new[] { "jsonl", "csv", "tsv", "parquet" })
        {
            session.Run($"predict-{kind}", $"predict runs/mlp --input ../inputs/rows.jsonl --output out/rows.{kind}");
            session.Run($"predict-{kind}-int8", $"predict runs/mlp --input ../inputs/rows.jsonl --output out/rows-int8.{kind} --int8");
        }

        session.Run("predict-from-csv", "predict runs/plain --input ../inputs/rows.csv --output out/from-csv.csv --prefix model_");
        session.Run("predict-from-gz", "predict runs/plain --input ../inputs/rows.csv.gz --output out/from-gz.jsonl --no-prepared-cache");
        session.Run("predict-from-parquet", "predict runs/plain --input out/rows.parquet --output out/from-parquet.parquet --prefix again_");
        session.Run("predict-to-output", "predict runs/plain --input ../inputs/rows.jsonl --int8");
        session.Run("predict-texts", "predict runs/transformer \"a warm and funny film\" \"two brothers travel to paris .\"");
        session.Run("predict-lines", "predict runs/lstm", input: "text.txt");
        foreach (var run in new[] { "full", "weights" })
            session.Run($"predict-{run}", $"predict runs/{run} --input ../inputs/rows.jsonl --output out/{run}.jsonl");
        session.Run("predict-copa", "predict runs/copa --input ../inputs/copa.jsonl --output out/copa.csv");
        session.Run("predict-wsc", "predict runs/wsc --input ../inputs/wsc.jsonl --output out/wsc.jsonl");
        session.Run("predict-open", "predict runs/open --input ../inputs/copa.jsonl --output out/open.jsonl");
        session.Run("predict-bad-skipped", "predict runs/mlp --input ../inputs/bad.jsonl --output out/bad.jsonl --on-error skip");
        session.Run("predict-bad-csv", "predict runs/mlp --input ../inputs/bad.csv --on-error skip");
        session.Run("predict-bad-stops", "predict runs/mlp --input ../inputs/bad.jsonl --output out/bad-stops.csv", Failed);
        session.Run("predict-bad-goes-on", "predict runs/mlp --input ../inputs/bad.jsonl --output out/bad-stops.csv --resume --on-error skip");
        session.Run("predict-submission", "predict runs/copa --submission out/superglue.zip");
        session.Run("predict-submission-second", "predict runs/wsc --submission out/superglue.zip");
    }

    private static void Look(Session session)
    {
        session.Run("evaluate-validation", "evaluate runs/mlp");
        session.Run("evaluate-test", "evaluate runs/mlp --split test");
        session.Run("evaluate-int8", "evaluate runs/mlp --int8");
        session.Run("evaluate-full", "evaluate runs/full");
        session.Run("evaluate-generate", "evaluate runs/generate --split train");
        session.Run("evaluate-data", "evaluate runs/mlp --data ../inputs/rows.jsonl");
        foreach (var (form, name) in new[] { ("", "table"), (" --json", "json"), (" --markdown", "markdown") })
            session.Run($"compare-{name}", "compare runs/plain runs/mlp runs/full runs/seeds" + form);
        session.Run("compare-curves", "compare runs/plain runs/killed --curves out/curves.svg");
        session.Run("watch", "watch runs/mlp");
        session.Run("score-labels", "score --model t5-nano --prompt runs/mlp --labels review,story --generate 4 --input ../inputs/text.jsonl");
        session.Run("score-int8", "score --model t5-nano --prompt runs/mlp/prompt.npy --labels review,story --int8 --input ../inputs/text.jsonl");
        session.Run("score-ids", "score --model t5-nano --label-ids [[2168,1],[538,1]] --generate 3 --min-new-tokens 2 --input ../inputs/ids.jsonl");
        session.Run("score-full", "score --model runs/full --labels review,story --generate 3 --ignore-eos", input: "text.jsonl");
        session.Run("tokenize", "tokenize --model t5-nano --input ../inputs/text.txt");
        session.Run("tokenize-jsonl", "tokenize --model t5-nano --jsonl --max-length 5", input: "text.jsonl");
        File.Copy(session.In("answers/tokenize.stdout"), session.In("inputs/decode.jsonl"));
        session.Run("tokenize-decode", "tokenize --model t5-nano --decode", input: "decode.jsonl");
        session.Run("tokenize-decode-plain", "tokenize --model t5-nano --decode --skip-special-tokens --keep-spaces", input: "decode.jsonl");
        session.Run("data-check-subj", "data check subj");
        session.Run("data-check-csv", "data check ../inputs/rows.csv --split test");
        session.Run("data-check-tsv", "data check ../inputs/table.tsv --columns number,name");
        session.Run("tasks-list", "tasks list");
        session.Run("tasks-show-subj", "tasks show subj --rows 5 --model t5-nano");
        session.Run("tasks-show-wsc", "tasks show wsc --split train --rows 20");
        session.Run("tasks-show-wsc-original", "tasks show wsc --rows 20 --compat original --model t5-nano");
        session.Run("tasks-show-copa", "tasks show copa --rows 20");
        session.Run("tasks-show-file", "tasks show ../inputs/task.json --rows 3 --split train --model t5-nano");
        session.Run("tasks-score", "tasks score subj --predictions runs/plain/predictions/validation.jsonl");
        session.Run("tasks-score-data", "tasks score copa --data ../inputs/copa.jsonl --predictions out/open.jsonl");
        session.Run("inspect-one", "inspect runs/mlp --model t5-nano --json");
        session.Run("inspect-two", "inspect runs/plain runs/mlp --model t5-nano --nearest 5 --heat-map out/heat.svg");
        session.Run("inspect-picture", "inspect runs/plain/adapter --model t5-nano --json --heat-map out/heat.png");
    }

    private static void Convert(Session session)
    {
        var formats = new[] { ("peft", "out/peft"), ("npy", "out/plain.npy"), ("safetensors", "out/plain.safetensors"), ("tgis", "out/encoder.pt") };
        foreach (var (format, path) in formats)
        {
            session.Run($"convert-{format}", $"convert runs/plain {path} --to {format}");
            session.Run($"convert-{format}-back", $"convert {path} out/back/{format}.npy --to npy");
            session.Run($"convert-{format}-to-peft", $"convert {path} out/back/{format} --to peft");
        }

        session.Run("convert-adapter", "convert runs/mlp/adapter out/adapter --to peft");
    }

    private static void Messages(Session session)
    {
        session.Run("wrong-command", "trian", Failed);
        session.Run("wrong-option", "train --task subj --epoch 3 --save-name x", Failed);
        session.Run("wrong-task", "train --task nothing --model t5-nano --save-name x", Failed);
        session.Run("wrong-model", "train --task subj --model no-such-model --save-name x --offline", Failed);
        session.Run("wrong-number", "train --task subj --model t5-nano --epochs -1 --save-name x", Failed);
        session.Run("wrong-word", "train --task subj --model t5-nano --optimizer sgd --save-name x", Failed);
        session.Run("wrong-template", "train --model t5-nano --save-name x --data ../inputs/own.csv --template \"{nothing}\""
            + " --label-words 0=a,1=b --label-field kind", Failed);
        session.Run("wrong-existing", "train --config ../inputs/settings.json", Failed);
        session.Run("wrong-resumed", "train --config ../inputs/settings.json --epochs 2 --resume", Failed);
        session.Run("wrong-run", "predict runs/nothing \"a text\"", Failed);
        session.Run("wrong-input", "predict runs/mlp --input ../inputs/nothing.jsonl", Failed);
        session.Run("wrong-output", "predict runs/mlp --input ../inputs/rows.jsonl --output out/rows.jsonl", Failed);
        session.Run("wrong-columns", "predict runs/mlp --input out/rows.csv --output out/again.csv", Failed);
        session.Run("wrong-split", "evaluate runs/mlp --split nothing", Failed);
        session.Run("wrong-format", "convert runs/mlp out/x --to onnx", Failed);
        session.Run("wrong-odd-tgis", "convert runs/config out/odd.pt --to tgis", Failed);
        session.Run("wrong-json", "score --model t5-nano --labels a,b", Failed, input: "bad.jsonl");
        session.Run("wrong-backbone", "score --model runs/full --prompt runs/mlp --labels a,b --input ../inputs/text.jsonl", Failed);
        session.Run("wrong-original-flag", "train --task wsc --prefix_MLP MLP9 --model_name t5-nano --save_name x", Failed);
        session.Run("wrong-prompts", "serve --model t5-nano --prompts nowhere --port 0", Failed);
    }

    private static void Help(Session session)
    {
        session.Run("help", "--help", threads: "");
        foreach (var command in new[]
        {
            "train", "evaluate", "predict", "compare", "convert", "inspect", "serve", "data", "data check", "watch", "tasks", "tasks list",
            "tasks show", "tasks score", "score", "tokenize", "doctor", "hub", "hub download", "hub list", "bench", "demo", "completion",
        })
            session.Run($"help-{command.Replace(' ', '-')}", command + " --help", threads: "");
        foreach (var shell in new[] { "bash", "zsh" })
            session.Run($"help-completion-{shell}", $"completion {shell}", threads: "");
    }
}

using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ResidualPrompts.Models.Weights;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.States;
using ResidualPrompts.Testing;
using static TorchSharp.torch;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// Commands that write files are killed, and meet a full disk, at their operations on the disk. The same command, or <c>--resume</c>, then ends with
/// the bytes of an undisturbed one, or refuses and names a way on.
/// </summary>
public sealed partial class KilledCommandTests(KilledCommandTests.Inputs inputs) : IClassFixture<KilledCommandTests.Inputs>, IDisposable
{
    private static readonly string[] Resume = ["--resume"];
    private static readonly string[] Overwrite = ["--overwrite"];

    private readonly TemporaryFolder _folder = new();

    private string Out => _folder.File("out");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("new", 41)]
    [InlineData("overwrite", 53)]
    [InlineData("resume", 37)]
    [InlineData("growth", 37)]
    public void Training_with_several_seeds(string kind, int step)
    {
        string[] Command(string epochs) => ["train", "--model", inputs.Model, "--data", inputs.Rows, "--save-dir", Out, "--save-name", "study",
            "--epochs", epochs, "--seeds", "3,5", "--prompt-length", "2", "--batch-size", "8"];
        Run(Command("2"));
        var whole = Masked(Out);
        whole.Keys.Should().Contain("study/seed-3/run.json").And.Contain("study/seed-5/adapter/residual_prompt.json");
        if (kind is "overwrite" or "growth")
        {
            Empty();
            Run(Command("1"));
        }
        else
        {
            Empty();
            new FaultyDisk(180).Run(() => Run(Command("2"))).Should().NotBeNull();
        }

        var before = Keep();
        KillPoints.Try(
            $"train --seeds, {kind}", step,
            start: () => Restore(kind == "new" ? null : before),
            work: continues => Continue(kind, continues, Command("2")),
            check: when => Masked(Out).Should().BeEquivalentTo(whole, when),
            between: when => NothingMixed(when));
    }

    /// <summary>Runs of two lengths never predict as one study.</summary>
    private void NothingMixed(string when)
    {
        var predicted = InProcess.Run("predict", Path.Combine(Out, "study"), "--input", inputs.Predicted).GetAwaiter().GetResult();
        if (predicted.ExitCode == 0)
        {
            new[] { "seed-3", "seed-5" }.Select(seed => TinyRun.Losses(Path.Combine(Out, "study", seed)).Length).Distinct()
                .Should().ContainSingle(when);
        }
        else
        {
            predicted.ExitCode.Should().Be(2, when);
        }
    }

    [Theory]
    [InlineData(".jsonl", "new", 5)]
    [InlineData(".jsonl", "overwrite", 5)]
    [InlineData(".jsonl", "resume", 5)]
    [InlineData(".csv", "new", 5)]
    [InlineData(".csv", "overwrite", 5)]
    [InlineData(".csv", "resume", 5)]
    [InlineData(".tsv", "overwrite", 7)]
    [InlineData(".parquet", "new", 7)]
    [InlineData(".parquet", "overwrite", 7)]
    [InlineData(".parquet", "resume", 7)]
    public void Predicting_a_file(string extension, string kind, int step)
    {
        Directory.CreateDirectory(Out);
        string[] Command(string input) =>
            ["predict", inputs.Run, "--input", input, "--output", Path.Combine(Out, "p" + extension), "--on-error", "skip"];
        Run(Command(inputs.Predicted));
        var whole = Files();
        whole.Keys.Should().BeEquivalentTo($"p{extension}", $"p{extension}.errors.jsonl", $"p{extension}.progress.json");
        Empty();
        if (kind == "overwrite")
            Run(Command(inputs.Earlier));
        else
            new FaultyDisk(20).Run(() => Run(Command(inputs.Predicted))).Should().NotBeNull();
        var before = Keep();
        KillPoints.Try(
            $"predict to {extension}, {kind}", step,
            start: () => Restore(kind == "new" ? null : before),
            work: continues => Continue(kind, continues, Command(inputs.Predicted)),
            check: when => Equal(Files(), whole, when),
            between: when => Claims(Path.Combine(Out, "p" + extension), whole[$"p{extension}"], kind, when));
    }

    [Theory]
    [InlineData("peft", false, 2)]
    [InlineData("peft", true, 2)]
    [InlineData("npy", true, 2)]
    [InlineData("safetensors", true, 2)]
    [InlineData("tgis", true, 2)]
    public void Converting(string format, bool isReplaced, int step)
    {
        Directory.CreateDirectory(Out);
        var target = Path.Combine(Out, format == "peft" ? "adapter" : "prompt." + format);
        string[] command = ["convert", inputs.Run, target, "--to", format];
        Run(command);
        var whole = Files();
        Empty();
        if (isReplaced)
            Run(["convert", inputs.Other, target, "--to", format]);
        if (format == "peft" && isReplaced)
        {
            File.WriteAllText(Path.Combine(target, "README.md"), "mine");
            whole["adapter/README.md"] = "mine"u8.ToArray();
        }

        var old = Files();
        var before = Keep();
        KillPoints.Try(
            $"convert --to {format}{(isReplaced ? " over another" : "")}", step,
            start: () => Restore(before),
            work: _ => Run(command),
            check: when => Equal(Files(), whole, when),
            between: when => WholeOrRefused(target, old, whole, when));
    }

    [Fact]
    public void Converting_a_prompt_without_a_contract_over_one_that_has_one()
    {
        var target = Path.Combine(Out, "adapter");
        using (NewDisposeScope())
            NpyFile.Write(_folder.File("plain.npy"), ones([2, 16])); // the shape of the other, so that the contract would seem to fit
        string[] command = ["convert", _folder.File("plain.npy"), target, "--to", "peft"];
        Run(command);
        var whole = Files();
        whole.Keys.Should().NotContain("adapter/residual_prompt.json");
        Empty();
        Run(["convert", inputs.Run, target, "--to", "peft"]);
        var old = Files();
        old.Keys.Should().Contain("adapter/residual_prompt.json");
        var before = Keep();
        KillPoints.Try(
            "convert --to peft of a prompt without a contract", 2, start: () => Restore(before), work: _ => Run(command),
            check: when => Equal(Files(), whole, when), between: when => WholeOrRefused(target, old, whole, when));
    }

    [Theory]
    [InlineData("map.svg", 2)]
    [InlineData("map.png", 2)]
    public void Drawing_a_heat_map(string file, int step) =>
        Replacing($"inspect --heat-map {file}", step, file, ["inspect", inputs.Run, "--model", inputs.Model, "--heat-map", Path.Combine(Out, file)]);

    [Fact]
    public void Writing_a_submission()
    {
        string[] command = ["predict", inputs.Classifier, "--submission", Path.Combine(Out, "all.zip")];
        Directory.CreateDirectory(Out);
        File.Copy(inputs.Zip, Path.Combine(Out, "all.zip"));
        Run(command);
        var whole = Files();
        KillPoints.Try(
            "predict --submission into a zip with another task", 1,
            start: () =>
            {
                Empty();
                File.Copy(inputs.Zip, Path.Combine(Out, "all.zip"));
            },
            work: _ => Run(command),
            check: when => Equal(Files(), whole, when),
            between: when => new[] { File.ReadAllBytes(inputs.Zip), whole["all.zip"] }
                .Any(bytes => bytes.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Out, "all.zip")))).Should().BeTrue(when));
    }

    [Fact]
    public void Writing_the_numbers_of_a_bench() => Replacing("bench --json", 2, "b.json",
        ["bench", "tokenize", "--model", "t5-nano", "--megabytes", "1", "--rounds", "1", "--json", Path.Combine(Out, "b.json")], isSame: false);

    /// <summary>A single file that is the old one or the new one at any moment.</summary>
    private void Replacing(string name, int step, string file, string[] command, bool isSame = true)
    {
        var path = Path.Combine(Out, file);
        Directory.CreateDirectory(Out);
        Run(command);
        var whole = Files();
        void Check(string when)
        {
            Files().Keys.Should().Equal([file], when);
            if (isSame)
                Equal(Files(), whole, when);
            else
                JsonNode.Parse(File.ReadAllText(path)).Should().NotBeNull(when);
        }

        KillPoints.Try(
            name, step,
            start: () =>
            {
                Empty();
                File.WriteAllText(path, "old");
            },
            work: _ => Run(command), check: Check,
            between: when =>
            {
                if (File.ReadAllText(path) != "old")
                    (isSame ? Read(path).AsSpan().SequenceEqual(whole[file]) : JsonNode.Parse(File.ReadAllText(path)) is not null)
                        .Should().BeTrue(when);
            });
    }

    /// <summary>
    /// The first time the command itself; then the command again, which must be right or refuse with a way on, and the way.
    /// </summary>
    private static void Continue(string kind, bool continues, string[] command)
    {
        if (!continues)
        {
            Run([.. command, .. kind == "new" ? [] : kind is "resume" or "growth" ? Resume : Overwrite]);
            return;
        }

        if (kind == "new")
        {
            var again = InProcess.Run(command).GetAwaiter().GetResult();
            if (again.ExitCode == 0)
                return;
            if (again.ExitCode == 2)
                again.Error.Should().Contain("--resume");
        }

        var resumed = InProcess.Run([.. command, .. Resume]).GetAwaiter().GetResult();
        if (resumed.ExitCode == 2)
        {
            resumed.Error.Should().Contain("--overwrite");
            kind.Should().Be("overwrite"); // the earlier one was still there, with other settings
            Run([.. command, .. Overwrite]);
        }
        else
        {
            resumed.ShouldSucceed();
        }
    }

    /// <summary>A file of progress that says finished lies beside the whole output.</summary>
    private static void Claims(string output, byte[] whole, string kind, string when)
    {
        if (kind == "overwrite" || !File.Exists(output + ".progress.json"))
            return;
        if (JsonNode.Parse(File.ReadAllText(output + ".progress.json"))!["is_finished"]!.GetValue<bool>())
            File.ReadAllBytes(output).Should().Equal(whole, when);
    }

    private void WholeOrRefused(string target, Dictionary<string, byte[]> old, Dictionary<string, byte[]> whole, string when)
    {
        var copy = InProcess.Run("convert", target, _folder.File("copy.npy"), "--to", "npy").GetAwaiter().GetResult();
        if (copy.ExitCode != 0)
        {
            copy.ExitCode.Should().Be(2, when);
            if (Directory.Exists(target) && Directory.EnumerateFiles(target, "adapter_model*").Any())
                copy.Error.Should().Contain("no adapter_config.json, which is written last", when);
            return;
        }

        var files = Files().Where(file => !file.Key.EndsWith(".tmp", StringComparison.Ordinal)).ToDictionary();
        (Same(files, old) || Same(files, whole)).Should().BeTrue($"{when}: the folder is the old one or the new one");
    }

    private static bool Same(Dictionary<string, byte[]> one, Dictionary<string, byte[]> other) =>
        one.Count == other.Count && one.All(file => other.TryGetValue(file.Key, out var bytes) && bytes.AsSpan().SequenceEqual(file.Value));

    private static void Equal(Dictionary<string, byte[]> found, Dictionary<string, byte[]> expected, string when)
    {
        found.Keys.Should().BeEquivalentTo(expected.Keys, when);
        foreach (var (name, bytes) in expected)
            found[name].Should().Equal(bytes, $"{name}, {when}");
    }

    private static void Run(string[] command) => InProcess.Run(command).GetAwaiter().GetResult().ShouldSucceed();

    private void Empty()
    {
        Directory.Delete(Out, recursive: true);
        Directory.CreateDirectory(Out);
    }

    private string Keep()
    {
        TinyFolder.Copy(Out, _folder.File("before"));
        return _folder.File("before");
    }

    private void Restore(string? before)
    {
        Empty();
        if (before is not null)
            TinyFolder.Copy(before, Out);
    }

    private Dictionary<string, byte[]> Files() => TinyFolder.Files(Out)
        .ToDictionary(name => name.Replace('\\', '/'), name => Read(Path.Combine(Out, name)));

    /// <summary>Bytes of a file. The ids of a drawing count on in a process, so they are left out.</summary>
    private static byte[] Read(string path) => Path.GetExtension(path) == ".svg"
        ? Encoding.UTF8.GetBytes(DrawingIds().Replace(File.ReadAllText(path), "$1")) : File.ReadAllBytes(path);

    /// <summary>Files of runs as texts without times. A lock may be left, which stops nobody.</summary>
    private static Dictionary<string, string> Masked(string folder) => TinyFolder.Files(folder)
        .Where(name => !Path.GetFileName(name).TrimStart('.').StartsWith("run.lock", StringComparison.Ordinal))
        .ToDictionary(name => name.Replace('\\', '/'), name => MaskedFile(Path.Combine(folder, name)));

    private static string MaskedFile(string path)
    {
        if (Path.GetFileName(path) == "state.safetensors")
            return "checked by the tests of runs"; // it holds the lengths of logs, which depend on times
        if (Path.GetFileName(path) == "state.json")
            return RunState.Of(new RunDirectory(Path.GetDirectoryName(path)!)).Status.ToString();
        if (Path.GetExtension(path) is not (".json" or ".jsonl" or ".csv" or ".md"))
            return Convert.ToHexString(File.ReadAllBytes(path));
        var text = Times().Replace(File.ReadAllText(path), "");
        return Path.GetExtension(path) == ".csv" ? LastCell().Replace(text, "") : text;
    }

    [GeneratedRegex("\"(time|duration_seconds|command|started|ended|peak_memory_bytes|pid)\": ?(\"[^\"]*\"|[0-9.eE+-]+)")]
    private static partial Regex Times();

    [GeneratedRegex("(cl|img|gr)_[0-9a-f]+")]
    private static partial Regex DrawingIds();

    [GeneratedRegex(",[^,\n]*$", RegexOptions.Multiline)]
    private static partial Regex LastCell();

    /// <summary>A model, two runs of it, and a run of a task with a leaderboard.</summary>
    public sealed class Inputs : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Inputs()
        {
            TinyRun.Train(TinyRun.Spec(_folder) with { PromptLength = 2 });
            TinyRun.Train(TinyRun.Spec(_folder, "other") with { PromptLength = 4 });
            Predicted = WriteRows("predicted.jsonl", 1100);
            Earlier = WriteRows("earlier.jsonl", 30);
            var data = Directory.CreateDirectory(_folder.File("rte")).FullName;
            string[] words = ["entailment", "not_entailment"];
            foreach (var (name, count) in new[] { ("train", 12), ("test", 3) })
                File.WriteAllLines(Path.Combine(data, name + ".jsonl"), Enumerable.Range(0, count)
                    .Select(i => $$"""{"premise":"p {{i}}","hypothesis":"h","label":"{{words[i % 2]}}","idx":{{i}}}"""));
            KilledCommandTests.Run(["train", "--task", "rte_superglue", "--data", data, "--model", "t5-nano", "--save-dir", _folder.Path,
                "--save-name",
                "classifier", "--epochs", "1"]);
            using (var zip = System.IO.Compression.ZipFile.Open(Zip, System.IO.Compression.ZipArchiveMode.Create))
            using (var writer = new StreamWriter(zip.CreateEntry("CB.jsonl").Open()))
                writer.Write("{\"idx\":0,\"label\":\"neutral\"}\n");
        }

        public string Model => _folder.File("model");

        public string Rows => _folder.File("rows");

        public string Run => _folder.File("run");

        public string Other => _folder.File("other");

        public string Classifier => _folder.File("classifier");

        public string Zip => _folder.File("other.zip");

        public string Predicted { get; }

        public string Earlier { get; }

        public void Dispose() => _folder.Dispose();

        private string WriteRows(string name, int count)
        {
            File.WriteAllLines(_folder.File(name), Enumerable.Range(0, count).Select(i => i % 100 == 7
                ? $"{{\"id\":\"row {i}\",\"text\":\"bad\"}}"
                : $"{{\"id\":\"row {i}\",\"input_ids\":[{4 + (i % 50)},{5 + (i % 7)},1],\"text\":\"a, \\\"b\\\"\"}}"));
            return _folder.File(name);
        }
    }
}

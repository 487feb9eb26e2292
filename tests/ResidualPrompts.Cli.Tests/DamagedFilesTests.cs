using System.Text;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// Whatever is wrong in a file, a command succeeds or says so: exit code 2 and one message. <c>FUZZ_COUNT</c> raises the number of files.
/// </summary>
public sealed class DamagedFilesTests : IClassFixture<DamagedFilesTests.Files>
{
    private const int LongestMessage = 3000;

    private const string Pointer = """
        version https://git-lfs.github.com/spec/v1
        oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
        size 2950825948

        """;

    private static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("FUZZ_COUNT"), out var count) ? count : 150;

    private readonly Files _files;

    public DamagedFilesTests(Files files) => _files = files;

    [Fact]
    public Task A_record() => Damaged(
        Path.Combine(_files.Run, "run.json"), ["compare", _files.Run], ["compare", _files.Run, "--json"], ["watch", _files.Run]);

    [Fact]
    public Task Events() => Damaged(
        Path.Combine(_files.Run, "events.jsonl"), ["compare", _files.Run, "--curves", _files.Folder.File("a.svg")], ["watch", _files.Run]);

    [Fact]
    public Task A_configuration() => Damaged(_files.Config, ["train", "--config", _files.Config, "--data", "nowhere"]);

    [Fact]
    public Task A_task() => Damaged(_files.Task,
        ["tasks", "show", _files.Task, "--data", _files.Folder.Write("rows.jsonl", """{"text": "x", "label": "0"}""" + "\n"), "--split", "train"]);

    [Fact]
    public Task A_contract() =>
        Damaged(Path.Combine(_files.Adapter, "residual_prompt.json"), ["inspect", _files.Adapter, "--model", _files.Model], Convert());

    [Fact]
    public Task The_configuration_of_an_adapter() => Damaged(Path.Combine(_files.Adapter, "adapter_config.json"), Convert());

    [Fact]
    public Task The_rows_of_an_adapter() => Damaged(Path.Combine(_files.Adapter, "adapter_model.safetensors"), Convert());

    [Fact]
    public Task Rows_in_numpy_format() => Damaged(Path.Combine(_files.Run, "prompt.npy"), Convert(Path.Combine(_files.Run, "prompt.npy")));

    [Fact]
    public Task The_configuration_of_a_model() => Damaged(Path.Combine(_files.Model, "config.json"), Score());

    [Fact]
    public Task The_configuration_of_a_tokenizer() =>
        Damaged(Path.Combine(_files.Model, "tokenizer_config.json"),
            ["tokenize", "--model", _files.Model, "--input", _files.Folder.Write("lines.txt", "a b\n")]);

    [Fact]
    public Task The_pieces_of_a_tokenizer() => Damaged(Path.Combine(_files.Model, "spiece.model"),
        ["tokenize", "--model", _files.Model, "--input", _files.Folder.Write("lines.txt", "a b\n")]);

    [Fact]
    public Task A_fast_tokenizer() => Damaged(Path.Combine(_files.Fast, "tokenizer.json"), Tokenize(_files.Fast));

    [Theory]
    [InlineData("added_tokens.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("special_tokens_map.json")]
    public Task Added_tokens(string file) => Damaged(Path.Combine(_files.Added, file), Tokenize(_files.Added));

    [Fact]
    public Task The_index_of_shards() => Damaged(Path.Combine(_files.Sharded, "model.safetensors.index.json"), Score(_files.Sharded));

    [Fact]
    public async Task A_record_names_the_file_and_the_field()
    {
        var record = Path.Combine(_files.Run, "run.json");
        var whole = await File.ReadAllTextAsync(record, TestContext.Current.CancellationToken);
        try
        {
            foreach (var (found, damaged, field) in new[]
            {
                ("\"batch_size\": ", "\"batch_size\": -", "batch_size"), ("\"train_count\": ", "\"train_count\": 1e999, \"x\": ", "train_count"),
                ("\"status\": \"finished\"", "\"status\": \"\\ud800\"", "status"), ("\"optimizer\": \"", "\"optimizer\": \"x", "optimizer"),
                ("\"duration_seconds\": ", "\"duration_seconds\": \"a\", \"x\": ", "duration_seconds"),
                ("\"outcomes\": [", "\"outcomes\": [null, ", "outcomes"),
            })
            {
                whole.Should().Contain(found);
                await File.WriteAllTextAsync(record, whole.Replace(found, damaged, StringComparison.Ordinal), TestContext.Current.CancellationToken);
                foreach (var command in new[] { "compare", "watch", "evaluate" })
                    (await InProcess.Run(command, _files.Run)).ShouldBeRefused(
                        $"*{record} is damaged: *{field}*. Put the file back, or train the run again.*");
            }
        }
        finally
        {
            await File.WriteAllTextAsync(record, whole, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task A_special_file_or_a_pointer_of_git_lfs_in_place_of_a_file_is_refused(string file, string command)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such files in folders.");
        var path = file.StartsWith("adapter_", StringComparison.Ordinal) || file == "residual_prompt.json" ? Path.Combine(_files.Adapter, file)
            : file is "run.json" or "events.jsonl" or "prompt.npy" ? Path.Combine(_files.Run, file)
            : file == "model.safetensors.index.json" ? Path.Combine(_files.Sharded, file)
            : Path.Combine(_files.Model, file);
        var whole = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        string[] given = command switch
        {
            "convert" => Convert(),
            "convert npy" => Convert(path),
            "score" => Score(),
            "score shards" => Score(_files.Sharded),
            "tokenize" => ["tokenize", "--model", _files.Model, "--input", _files.Folder.Write("lines.txt", "a b\n")],
            "inspect" => ["inspect", _files.Adapter, "--model", _files.Model],
            _ => [command, _files.Run],
        };
        try
        {
            foreach (var kind in SpecialFile.Kinds)
            {
                SpecialFile.Put(path, kind);
                (await InProcess.Run(given)).ShouldBeRefused($"*'{path}' is not read: expected a plain file there, found a *");
            }

            File.Delete(path);
            await File.WriteAllTextAsync(path, Pointer, TestContext.Current.CancellationToken);
            (await InProcess.Run(given))
                .ShouldBeRefused($"*'{path}' is a pointer of Git LFS (* bytes), expected the file itself (*Run `git lfs pull`*");
        }
        finally
        {
            foreach (var left in new[] { path, path + ".pipe" })
                File.Delete(left);
            await File.WriteAllBytesAsync(path, whole, TestContext.Current.CancellationToken);
        }
    }

    public static TheoryData<string, string> Places => new()
    {
        { "run.json", "compare" }, { "run.json", "watch" }, { "run.json", "evaluate" }, { "run.json", "predict" }, { "events.jsonl", "watch" },
        { "prompt.npy", "convert npy" }, { "adapter_config.json", "convert" }, { "adapter_model.safetensors", "convert" },
        { "residual_prompt.json", "inspect" }, { "adapter_model.safetensors", "evaluate" }, { "config.json", "score" }, { "spiece.model", "score" },
        { "spiece.model", "tokenize" }, { "tokenizer_config.json", "tokenize" }, { "model.safetensors", "score" },
        { "model.safetensors.index.json", "score shards" }, { "config.json", "evaluate" },
    };

    [Fact]
    public async Task What_the_user_named_may_be_a_pipe()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It has no such files in folders.");
        var (task, rows) = (_files.Folder.File("pipe.json"), _files.Folder.File("pipe.jsonl"));
        SpecialFile.MakePipe(task);
        SpecialFile.MakePipe(rows);
        var shown = InProcess.Run("predict", _files.Run, "--input", rows);
        await File.WriteAllTextAsync(rows, """{"text": "x", "label": "0"}""" + "\n", TestContext.Current.CancellationToken);
        (await shown).ExitCode.Should().Be(0, (await shown).Error);

        var task2 = InProcess.Run("tasks", "show", task, "--data", "nowhere");
        await File.WriteAllTextAsync(task, """{"template": "a: {text}", "label_words": {"0": "no", "1": "yes"}}""",
            TestContext.Current.CancellationToken);
        (await task2).ShouldBeRefused("*nowhere*");
    }

    private string[] Tokenize(string folder) =>
        ["tokenize", "--model", folder, "--input", _files.Folder.Write("tokens.txt", "one <sep> two [EVENT] <extra_id_3>\n")];

    private string[] Convert(string? path = null) =>
        ["convert", path ?? _files.Adapter, _files.Folder.File("converted.npy"), "--to", "npy"];

    private string[] Score(string? model = null) =>
        ["score", "--model", model ?? _files.Model, "--labels", "a,b", "--input", _files.Folder.Write("rows.jsonl", """{"text":"a b"}""" + "\n")];

    private static async Task Damaged(string file, params string[][] commands)
    {
        var bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        var failures = new Dictionary<string, string>();
        foreach (var command in commands)
            (await InProcess.Run(command)).Should().Match<ProgramResult>(result => result.ExitCode == 0 || result.Error.Contains("nowhere"));
        try
        {
            foreach (var damaged in Forms(file, bytes))
            {
                await File.WriteAllBytesAsync(file, damaged, TestContext.Current.CancellationToken);
                foreach (var command in commands)
                {
                    var result = await InProcess.Run(command);
                    if (Problem(result) is { } problem)
                        failures.TryAdd(problem, $"{command[0]}: {result.Error}\n{Shown(damaged, bytes)}");
                }
            }
        }
        finally
        {
            await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);
        }

        string.Join("\n\n", failures.Values).Should().BeEmpty();
    }

    private static string? Problem(ProgramResult result) =>
        result.ExitCode is not (0 or 2) ? System.Text.RegularExpressions.Regex.Match(result.Error, "unexpected \\w+|$").Value + result.ExitCode
        : result.Error.Any(character => character != '\n' && !char.IsBetween(character, ' ', '~') && char.IsControl(character)) ? "control character"
        : result.Error.Length > LongestMessage ? "long message"
        : result.ExitCode == 2 && !result.Error.StartsWith("error: ", StringComparison.Ordinal) ? "no message"
        : null;

    private static IEnumerable<byte[]> Forms(string file, byte[] bytes)
    {
        var random = new Random(7);
        switch (Path.GetExtension(file))
        {
            case ".json":
                return DamagedJson.Of(Encoding.UTF8.GetString(bytes), Count);
            case ".jsonl":
                var lines = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                return lines.Select((line, i) => (line, i)).DistinctBy(pair => pair.line[..20])
                    .SelectMany(pair => DamagedJson.Of(pair.line, Count / 2)
                    .Select(damaged => (byte[])[.. Join(lines[..pair.i]), .. damaged, (byte)'\n', .. Join(lines[(pair.i + 1)..])]));
            default:
                return DamagedJson.OfBytes(bytes, Count, random);
        }
    }

    private static byte[] Join(string[] lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    private static string Shown(byte[] damaged, byte[] whole)
    {
        var at = damaged.AsSpan().CommonPrefixLength(whole);
        return Encoding.Latin1.GetString(damaged[Math.Max(0, at - 60)..Math.Min(damaged.Length, at + 60)]);
    }

    public sealed class Files : IDisposable
    {
        private readonly TinyPrompts _prompts = new();

        public Files()
        {
            TinyRun.Train(new ResidualPrompts.Runs.Settings.RunSpec
            {
                Task = "subj",
                Model = _prompts.Model,
                FewShot = 8,
                ValidationPerClass = 6,
                Epochs = 2,
                PromptLength = 3,
                SaveDir = _prompts.Root,
                SaveName = "run",
            }).Dispose();
            File.WriteAllText(Config,
                """{"task": "subj", "model": "t5-nano", "epochs": 2, "learning_rate": 0.1, "prompt_init": "uniform", "save_name": "x"}""");
            File.WriteAllText(Task, """
                {"name": "t", "template": "a: {text}", "label_words": {"0": "no", "1": "yes"}, "columns": ["text", "label"], "fields": {"text": ["a", "b"]},
                 "splits": {"train": "t.jsonl"}, "metrics": ["accuracy"], "evaluation": "labels", "label_field": "label", "source": "here"}
                """);
            File.WriteAllText(Path.Combine(Model, "tokenizer_config.json"), """{"extra_ids": 28, "model_max_length": 512}""");
            Directory.CreateDirectory(Sharded);
            foreach (var name in new[] { "config.json", "spiece.model" })
                File.Copy(Path.Combine(Model, name), Path.Combine(Sharded, name));
            File.Copy(Path.Combine(Model, "model.safetensors"), Path.Combine(Sharded, "a.safetensors"));
            File.WriteAllText(Path.Combine(Sharded, "model.safetensors.index.json"),
                """{"metadata": {"total_size": 1}, "weight_map": {"shared.weight": "a.safetensors"}}""");
            Directory.CreateDirectory(Fast);
            var spiece = Path.Combine(Model, "spiece.model");
            File.WriteAllText(Path.Combine(Fast, "tokenizer.json"), FastTokenizerFile.Of(File.ReadAllBytes(spiece)).ToJsonString());
            Directory.CreateDirectory(Added);
            File.Copy(spiece, Path.Combine(Added, "spiece.model"));
            File.WriteAllText(Path.Combine(Added, "added_tokens.json"), """{"<sep>": 8100, "[EVENT]": 8101}""");
            File.WriteAllText(Path.Combine(Added, "special_tokens_map.json"),
                """{"eos_token": "</s>", "pad_token": {"content": "<pad>", "lstrip": false}, "additional_special_tokens": ["<sep>"]}""");
            File.WriteAllText(Path.Combine(Added, "tokenizer_config.json"), """
                {"extra_ids": 100, "legacy": false, "added_tokens_decoder": {
                "8101": {"content": "[EVENT]", "lstrip": true, "rstrip": false, "normalized": false, "single_word": false, "special": true},
                "0": {"content": "<pad>", "lstrip": false, "rstrip": false, "normalized": false, "single_word": false, "special": true}}}
                """);
        }

        public TemporaryFolder Folder { get; } = new();

        public string Model => _prompts.Model;

        public string Sharded => Folder.File("sharded");

        public string Fast => Folder.File("fast");

        public string Added => Folder.File("added");

        public string Run => Path.Combine(_prompts.Root, "run");

        public string Adapter => Path.Combine(Run, "adapter");

        public string Config => Folder.File("config.json");

        public string Task => Folder.File("task.json");

        public void Dispose()
        {
            _prompts.Dispose();
            Folder.Dispose();
        }
    }
}

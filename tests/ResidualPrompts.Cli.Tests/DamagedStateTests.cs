using System.Buffers.Binary;
using System.Text;
using ResidualPrompts.Native;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Settings;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// Whatever is wrong in the state of a run or of an output, <c>--resume</c> ends with the bytes of an undisturbed one, or refuses and names the file:
/// it never goes on with something else. <c>FUZZ_COUNT</c> raises the number of files.
/// </summary>
public sealed class DamagedStateTests : IDisposable
{
    private static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("FUZZ_COUNT"), out var count) ? count : 150;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("prompt")]
    [InlineData("full")]
    public async Task Training(string method)
    {
        ComputeThreads.Set(1); // as InProcess does: another number of threads rounds otherwise
        var spec = TinyRun.Spec(_folder, "whole") with
        {
            Epochs = 2,
            BatchSize = 20,
            PromptLength = 2,
            Method = method == "full" ? TuningMethod.Full : TuningMethod.Prompt,
        };
        TinyRun.Train(spec, observer: new RunObserver(OnEvent: e =>
        {
            if (e is StepCompleted { Step: 3 }) // the first epoch is in the checkpoint
                Leave(_folder.File("whole"), _folder.File("left"));
        })).Notes.Should().BeEmpty();
        var whole = Released("whole");
        whole.Keys.Should().Contain(method == "full" ? "model/model.safetensors" : "prompt.npy");
        string[] command = ["train", "--resume", "--model", spec.Model, "--data", spec.Data!, "--save-dir", _folder.Path, "--save-name", "run",
            "--epochs", "2", "--batch-size", "20", .. method == "full" ? ["--method", "full"] : new[] { "--prompt-length", "2" }];
        var file = Path.Combine("checkpoint", "state.safetensors");
        var bytes = await File.ReadAllBytesAsync(_folder.File("left", file), TestContext.Current.CancellationToken);
        await Try("left", "run", file, HeaderForms(bytes).Prepend(bytes), command, () => Same(Released("run"), whole));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Predicting(bool isFinished)
    {
        TinyRun.Train(TinyRun.Spec(_folder, "trained") with { PromptLength = 2 });
        var rows = _folder.File("rows.jsonl");
        await File.WriteAllLinesAsync(rows, Enumerable.Range(0, 1100).Select(i => i % 300 == 7 ? """{"text":"bad"}"""
            : $"{{\"input_ids\":[{4 + (i % 50)},1]}}"), TestContext.Current.CancellationToken);
        string[] Command(string folder) =>
            ["predict", _folder.File("trained"), "--input", rows, "--output", _folder.File(folder, "out.jsonl"), "--on-error", "skip"];
        foreach (var folder in new[] { "whole", "left" })
            Directory.CreateDirectory(_folder.File(folder));
        (await InProcess.Run(Command("whole"))).ShouldSucceed();
        if (isFinished)
        {
            Directory.Delete(_folder.File("left"));
            TinyFolder.Copy(_folder.File("whole"), _folder.File("left"));
        }
        else
        {
            var operation = 1;
            bool IsHalf() => File.Exists(_folder.File("left", "out.jsonl.progress.json")) && Text("left", "out.jsonl.progress.json") is var progress
                && progress.Contains("\"read_count\"") && !progress.Contains("\"read_count\": 0") && !progress.Contains("\"is_finished\": true");
            for (; !IsHalf(); operation++)
            {
                Directory.Delete(_folder.File("left"), recursive: true);
                Directory.CreateDirectory(_folder.File("left"));
                new FaultyDisk(operation).Run(() => InProcess.Run(Command("left")).GetAwaiter().GetResult().ShouldSucceed());
                operation.Should().BeLessThan(100);
            }
        }

        var whole = Text("whole", "out.jsonl") + Text("whole", "out.jsonl.errors.jsonl");
        var state = await File.ReadAllBytesAsync(_folder.File("left", "out.jsonl.progress.json"), TestContext.Current.CancellationToken);
        await Try("left", "run", "out.jsonl.progress.json", DamagedJson.Of(Encoding.UTF8.GetString(state), Count).Prepend(state),
            [.. Command("run"), "--resume"],
            () => Text("run", "out.jsonl") + Text("run", "out.jsonl.errors.jsonl") == whole ? null : "another output");
    }

    /// <summary>What a killed process leaves.</summary>
    private static void Leave(string run, string copy)
    {
        foreach (var file in TinyFolder.Files(run).Where(file => file != "run.lock"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
            File.Copy(Path.Combine(run, file), Path.Combine(copy, file));
        }
    }

    /// <summary>Resumes with each form of a file.</summary>
    private async Task Try(string left, string name, string file, IEnumerable<byte[]> forms, string[] command, Func<string?> difference)
    {
        var failures = new Dictionary<string, string>();
        var (refused, succeeded) = (0, 0);
        byte[]? first = null;
        foreach (var form in forms)
        {
            if (Directory.Exists(_folder.File(name)))
                Directory.Delete(_folder.File(name), recursive: true);
            TinyFolder.Copy(_folder.File(left), _folder.File(name));
            await File.WriteAllBytesAsync(_folder.File(name, file), form, TestContext.Current.CancellationToken);
            var result = await InProcess.Run(command);
            var message = result.Error.Split('\n').FirstOrDefault(line => line.StartsWith("error: ", StringComparison.Ordinal)) ?? "";
            var problem = result.ExitCode == 0 ? difference()
                : result.ExitCode != 2 ? "exit code " + result.ExitCode
                : first is null ? "the whole file is refused"
                : !message.Contains(Path.GetFileName(file), StringComparison.Ordinal)
                    && !message.Contains("other inputs", StringComparison.Ordinal) ? "no message"
                : null;
            first ??= form;
            refused += result.ExitCode == 2 ? 1 : 0;
            succeeded += result.ExitCode == 0 ? 1 : 0;
            if (problem is not null)
                failures.TryAdd(problem + message, $"{problem}: {result.Error}\n{Shown(form, first)}");
        }

        string.Join("\n\n", failures.Values).Should().BeEmpty();
        refused.Should().BeGreaterThan(Count / 2);
        succeeded.Should().BePositive();
    }

    /// <summary>The file with a damaged header; its length says the truth, so that the damage is found by its meaning.</summary>
    private static IEnumerable<byte[]> HeaderForms(byte[] bytes)
    {
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        var (header, data) = (Encoding.UTF8.GetString(bytes, 8, length), bytes[(8 + length)..]);
        foreach (var damaged in DamagedJson.Of(header, Count).Concat(Likely(header)))
        {
            var size = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(size, damaged.Length);
            yield return [.. size, .. damaged, .. data];
        }

        foreach (var damaged in DamagedJson.OfBytes(data, Count / 4, new Random(5)))
            yield return [.. bytes[..(8 + length)], .. damaged];
    }

    /// <summary>Values that could be right.</summary>
    private static IEnumerable<byte[]> Likely(string header)
    {
        foreach (var (key, value) in System.Text.Json.Nodes.JsonNode.Parse(header)!["__metadata__"]!.AsObject())
        {
            foreach (var other in new[] { "0", "1", "2", "3", "0.5", "" })
                yield return Encoding.UTF8.GetBytes(
                    header.Replace($"\"{key}\":{value!.ToJsonString()}", $"\"{key}\":\"{other}\"", StringComparison.Ordinal));
        }
    }

    private Dictionary<string, byte[]> Released(string run) => TinyFolder.Files(_folder.File(run)).Select(name => name.Replace('\\', '/'))
        .Where(name => name.StartsWith("predictions", StringComparison.Ordinal) || name.EndsWith(".npy", StringComparison.Ordinal)
            || (name.EndsWith(".safetensors", StringComparison.Ordinal) && !name.StartsWith("checkpoint", StringComparison.Ordinal)))
        .ToDictionary(name => name, name => File.ReadAllBytes(_folder.File(run, name)));

    private string? Same(Dictionary<string, byte[]> found, Dictionary<string, byte[]> whole)
    {
        if (!TinyRun.Losses(_folder.File("run")).SequenceEqual(TinyRun.Losses(_folder.File("whole"))))
            return "other losses";
        return whole.Keys.Order().SequenceEqual(found.Keys.Order())
            ? whole.FirstOrDefault(pair => !pair.Value.AsSpan().SequenceEqual(found[pair.Key])).Key is { } other
                ? $"another {other}" : null
            : "other files";
    }

    private string Text(string folder, string file) => File.Exists(_folder.File(folder, file)) ? File.ReadAllText(_folder.File(folder, file)) : "";

    private static string Shown(byte[] damaged, byte[] whole)
    {
        var at = damaged.AsSpan(Math.Min(8, damaged.Length)).CommonPrefixLength(whole.AsSpan(8)) + 8;
        return Encoding.Latin1.GetString(damaged[Math.Clamp(at - 60, 0, damaged.Length)..Math.Min(damaged.Length, at + 60)]);
    }
}

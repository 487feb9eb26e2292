using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ResidualPrompts.ComparePrograms;

/// <summary>Signal numbers on Linux.</summary>
internal enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}

/// <summary>When to stop a process: as soon as a file in the work folder contains a text.</summary>
internal sealed record Stop(Signal Signal, string File, string Text);

/// <summary>
/// The results of one program. Commands run in <c>work</c>; <c>answers</c> contains standard output, standard error and exit code of each;
/// <c>server</c> contains the server's answers. Caches, inputs and temporary files are in other folders and not compared.
/// </summary>
internal sealed class Session
{
    /// <summary>The folders to compare.</summary>
    internal static readonly string[] Compared = ["work", "answers", "server"];

    /// <summary>File with the paths of the session and its program; it marks the folder as replaceable.</summary>
    internal const string PlaceFile = "place.txt";

    /// <summary>File that exists once all commands have run.</summary>
    internal const string FinishedFile = "finished.txt";

    /// <summary>Prefixes of environment variables that affect the program.</summary>
    private static readonly string[] Foreign = ["HF_", "HUGGING", "RESIDUAL", "TRANSFORMERS_"];

    private const string OneThread = " --threads 1";
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(5);
    private readonly string _program;
    private readonly string _folder;

    internal Session(string program, string folder)
    {
        (_program, _folder) = (Path.GetFullPath(program), Path.GetFullPath(folder));
        if (Directory.Exists(_folder) && !File.Exists(In(PlaceFile)))
            throw new InvalidOperationException($"{_folder} exists and was not made by this program.");
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
        foreach (var name in Compared.Concat(["inputs", "cache", "temporary", "work/out", "work/served"]))
            Directory.CreateDirectory(In(name));
        File.WriteAllLines(In(PlaceFile), [RealPath(_folder), RealPath(Path.GetDirectoryName(_program)!)]);
    }

    internal string In(string name) => Path.Combine(_folder, name);

    /// <summary>Runs a command to its end, or stops it, and stores its output.</summary>
    /// <param name="name">Name of the output files.</param>
    /// <param name="command">Arguments, in quotes if they contain spaces.</param>
    /// <param name="expected">The expected exit code.</param>
    /// <param name="input">Name of the input to use as standard input; default: empty input.</param>
    /// <param name="stop">When to stop the command. Its output up to then varies and is not stored.</param>
    /// <param name="keepsErrors">Whether to store standard error.</param>
    /// <param name="threads">Arguments that set the number of threads.</param>
    internal void Run(
        string name, string command, int expected = 0, string? input = null, Stop? stop = null, bool keepsErrors = true, string threads = OneThread)
    {
        Console.Error.WriteLine($"  {name}");
        using var process = Process.Start(StartOf(command + threads)) ?? throw new InvalidOperationException($"{_program} does not start.");
        var output = Read(process.StandardOutput.BaseStream);
        var errors = Read(process.StandardError.BaseStream);
        Feed(process, input);
        if (stop is not null)
            StopWhenReached(process, stop);
        var ended = process.WaitForExit(MostTime);
        if (!ended)
            process.Kill();
        process.WaitForExit();
        var code = ended ? process.ExitCode.ToString() : $"none after {MostTime.TotalMinutes} minutes";
        File.WriteAllText(In($"answers/{name}.exit"), $"{code} expected {expected}\n");
        if (stop is null)
            File.WriteAllBytes(In($"answers/{name}.stdout"), output.Result);
        if (stop is null && keepsErrors)
            File.WriteAllBytes(In($"answers/{name}.stderr"), errors.Result);
    }

    /// <summary>Start information of a command: runs in the work folder, with separate caches and without network access.</summary>
    internal ProcessStartInfo StartOf(string command)
    {
        var start = new ProcessStartInfo(_program, Words(command))
        {
            WorkingDirectory = In("work"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => Foreign.Any(begin => name.StartsWith(begin, StringComparison.Ordinal))).ToArray())
            start.Environment.Remove(name);
        start.Environment["RESIDUAL_PROMPTS_CACHE"] = In("cache/residual-prompts");
        start.Environment["XDG_CACHE_HOME"] = In("cache");
        start.Environment["HF_HUB_OFFLINE"] = "1";
        start.Environment["TMPDIR"] = In("temporary");
        start.Environment["TERM"] = "dumb";
        return start;
    }

    /// <summary>Copies the files of a folder in the work folder, if it exists.</summary>
    internal void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(In($"work/{to}"));
        foreach (var file in Directory.Exists(In($"work/{from}")) ? Directory.EnumerateFiles(In($"work/{from}")) : [])
            File.Copy(file, In($"work/{to}/{Path.GetFileName(file)}"));
    }

    internal void End() => File.WriteAllText(In(FinishedFile), "all commands ran\n");

    internal static void Send(Process process, Signal signal) => _ = SendSignal(process.Id, (int)signal);

    internal static Task<byte[]> Read(Stream stream) => Task.Run(() =>
    {
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    });

    private void Feed(Process process, string? input)
    {
        try
        {
            using var stream = process.StandardInput.BaseStream;
            if (input is not null)
                stream.Write(File.ReadAllBytes(In($"inputs/{input}")));
        }
        catch (IOException)
        {
            // The command ended without reading its input; the exit code shows whether that was correct.
        }
    }

    private void StopWhenReached(Process process, Stop stop)
    {
        for (var clock = Stopwatch.StartNew(); !process.HasExited && clock.Elapsed < MostTime; Thread.Sleep(1))
        {
            if (!Holds(In($"work/{stop.File}"), stop.Text))
                continue;
            Send(process, stop.Signal);
            return;
        }
    }

    /// <summary>The path of a folder with all links resolved, as a process sees its working directory.</summary>
    private static string RealPath(string folder)
    {
        var here = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(folder);
        var path = Directory.GetCurrentDirectory();
        Directory.SetCurrentDirectory(here);
        return path;
    }

    private static bool Holds(string path, string text)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd().Contains(text, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false; // does not exist yet
        }
    }

    private static List<string> Words(string command)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isQuoted = false;
        foreach (var letter in command + " ")
        {
            if (letter == '"')
                isQuoted = !isQuoted;
            else if (letter != ' ' || isQuoted)
                word.Append(letter);
            else if (word.Length > 0)
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }

        return words;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}

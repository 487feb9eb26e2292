using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace ResidualPrompts.ComparePrograms;

/// <summary>A signal, by its number on Linux.</summary>
internal enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}

/// <summary>When to stop a process: as soon as a file in the folder of work holds a text.</summary>
internal sealed record Stop(Signal Signal, string File, string Text);

/// <summary>
/// What one program did: <c>work</c> is where commands run, <c>answers</c> has standard output, standard error and exit code of each, <c>server</c>
/// the server's answers. Caches, inputs and temporary files lie beside them and are not compared.
/// </summary>
internal sealed class Session
{
    /// <summary>The folders whose files are compared.</summary>
    internal static readonly string[] Compared = ["work", "answers", "server"];

    /// <summary>Says where the session and its program were; it marks the folder as one that may be replaced.</summary>
    internal const string PlaceFile = "place.txt";

    /// <summary>Is there when all commands ran.</summary>
    internal const string FinishedFile = "finished.txt";

    /// <summary>Beginnings of variables that change what the program does.</summary>
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

    /// <summary>Runs a command to its end, or until it is stopped, and keeps what it said.</summary>
    /// <param name="name">Of the files that hold it.</param>
    /// <param name="command">Words, in quotes where they have blanks.</param>
    /// <param name="expected">The exit code that it should have.</param>
    /// <param name="input">Name of an input that is its standard input; default is an empty one.</param>
    /// <param name="stop">When to stop it. How much it has said by then differs, and is not kept.</param>
    /// <param name="keepsErrors">Whether standard error is kept.</param>
    /// <param name="threads">The words that say how many threads compute.</param>
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

    /// <summary>What starts the program with a command in the folder of work, with caches of its own and no network.</summary>
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

    /// <summary>Copies the files of a folder of work, if a command has made it.</summary>
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
            // It ended without reading; its exit code says whether that was right.
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

    /// <summary>A folder without links, as a process that runs in it sees its own path.</summary>
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
            return false; // not there yet
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

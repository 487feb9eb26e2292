using System.Text;
using ResidualPrompts.Compute;
using ResidualPrompts.Native;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>
/// The command line in the process of the tests, several at once: parsing, messages, exit codes and both streams are the program's own, and nothing
/// has to be started.
/// </summary>
internal static class InProcess
{
    private static readonly AsyncLocal<(TextWriter Output, TextWriter Error)?> Flow = new();

    static InProcess()
    {
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1"); // no test asks the true hub
        Console.SetOut(new FlowWriter(Console.Out, () => Flow.Value?.Output));
        Console.SetError(new FlowWriter(Console.Error, () => Flow.Value?.Error));
    }

    internal static Task<ProgramResult> Run(params string[] arguments) => RunWith([], arguments);

    internal static Task<ProgramResult> RunWith(string input, params string[] arguments) => RunWith(Encoding.UTF8.GetBytes(input), arguments);

    internal static Task<ProgramResult> RunWith(byte[] input, params string[] arguments) => Of(() => Command(arguments), input);

    /// <summary>The same with streams of the caller; the result has no output.</summary>
    internal static Task<ProgramResult> RunBetween(Stream input, Stream output, params string[] arguments) =>
        Of(() => Command(arguments), input, output);

    /// <summary>Another program in this process: both streams are its own.</summary>
    internal static Task<ProgramResult> Of(Func<int> program, byte[]? input = null) => Of(program, new MemoryStream(input ?? []));

    private static int Command(string[] arguments)
    {
        // The option acts on the process, so on every test that runs beside this one: its numbers would round otherwise.
        if (Array.IndexOf(arguments, "--compute") is >= 0 and var at)
            ComputeChoice.Names.Should().NotContain(arguments[at + 1], "a test that chooses what computes starts a process");
        return CommandLine.Run(arguments);
    }

    private static Task<ProgramResult> Of(Func<int> program, Stream input, Stream? given = null) => Task.Run(() =>
    {
        ComputeThreads.Set(1); // several tests run at once
        using var output = new OpenStream();
        using var error = new OpenStream();
        using var outputText = new StreamWriter(output) { AutoFlush = true };
        using var errorText = new StreamWriter(error) { AutoFlush = true };
        Flow.Value = (outputText, errorText);
        GivenStreams.Current = new GivenStreams(input, given ?? output);
        var code = program();
        return new ProgramResult(code, output.Text, error.Text);
    });

    /// <summary>Writes to what belongs to the flow of calls, or to the console.</summary>
    private sealed class FlowWriter(TextWriter console, Func<TextWriter?> current) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        private TextWriter Writer => current() ?? console;

        public override void Write(char value) => Writer.Write(value);

        public override void Write(char[] buffer, int index, int count) => Writer.Write(buffer, index, count);

        public override void Write(string? value) => Writer.Write(value);

        public override void Flush() => Writer.Flush();
    }

    /// <summary>A stream that stays open when a command is done with it.</summary>
    private sealed class OpenStream : MemoryStream
    {
        internal string Text => Encoding.UTF8.GetString(ToArray());

        public override void Close()
        {
        }
    }
}

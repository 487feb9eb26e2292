using System.Text;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Input that is longer than the memory, or never ends, and output that cannot be written.</summary>
public sealed class StreamedInputTests : IDisposable
{
    private const int Window = 1024;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("score", "{\"text\":\"a\"}", "--labels", "a,b")]
    [InlineData("tokenize", "one line", "--max-length", "9")]
    [InlineData("tokenize", "{\"text\":\"a\"}", "--jsonl", "--max-length=9")]
    [InlineData("tokenize", "{\"ids\":[3,1]}", "--decode", "--keep-spaces")]
    public async Task Standard_input_is_answered_window_by_window(string command, string row, string option, string value)
    {
        var output = new LineCount();
        var input = new Rows(row, 3 * Window, output);
        var result = await InProcess.RunBetween(input, output, command, "--model", "t5-nano", option, value);
        result.Error.Should().BeEmpty();
        output.Lines.Should().Be(3 * Window);
        input.MostUnanswered.Should().BeLessThanOrEqualTo(Window + Rows.Ahead); // without windows all 3072
    }

    [Fact]
    public async Task A_bad_row_leaves_the_windows_before_it_of_a_pipe_and_nothing_of_a_file()
    {
        var text = string.Concat(Enumerable.Repeat("{\"text\":\"a\"}\n", Window + 10)) + "{\"text\":5}\n";
        string[] command = ["score", "--model", "t5-nano", "--labels", "a,b"];
        var piped = await InProcess.RunWith(text, command);
        (piped.ExitCode, piped.Lines.Length).Should().Be((2, Window));
        piped.Error.Should().Match($"error: standard input, line {Window + 11}: 'text' is a number*");
        _folder.Write("rows.jsonl", text);
        (await InProcess.Run([.. command, "--input", _folder.File("rows.jsonl")])).ShouldBeRefused($"*rows.jsonl, line {Window + 11}*");
    }

    [Fact]
    public async Task A_full_disk_does_not_hide_what_was_wrong_before()
    {
        _folder.Write("train.jsonl", "{\"text\":\"a\",\"label\":0}\n{\"text\":\"a\",\"label\":7}\n");
        string[] show = ["tasks", "show", "subj", "--data", _folder.Path, "--split", "train"];
        var result = await InProcess.RunBetween(Stream.Null, new FullDisk(), show);
        result.Error.Should().Match("error: *train.jsonl, line 2*");
        result.ExitCode.Should().Be(2);
        (await InProcess.RunBetween(Stream.Null, new FullDisk(), [.. show, "--rows", "1"])).ExitCode.Should().Be(1);
    }

    private sealed class LineCount : MemoryStream
    {
        internal int Lines { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer) => Lines += buffer.Count((byte)'\n');
    }

    /// <summary>Rows, and how many of them were taken at most before they were answered.</summary>
    private sealed class Rows(string row, int count, LineCount answers) : Stream
    {
        internal const int Ahead = 8; // rows that a reader may take at once
        private readonly byte[] _some = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(row + "\n", Ahead)));
        private int _taken;

        internal int MostUnanswered { get; private set; }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int length)
        {
            if (_taken == count)
                return 0;
            _taken += Ahead;
            MostUnanswered = Math.Max(MostUnanswered, _taken - answers.Lines);
            _some.CopyTo(buffer.AsSpan(offset, length));
            return _some.Length;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int length) => throw new NotSupportedException();
    }

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (buffer.Length > 0)
                throw new IOException("No space left on device");
        }
    }
}

using System.ComponentModel;
using System.Diagnostics;

namespace ResidualPrompts.Cli.Measuring;

/// <summary>
/// Google's <c>spm_encode</c> (Debian package <c>sentencepiece</c>), the reference for the tokenizer's speed where it is installed.
/// </summary>
internal static class SentencePieceProgram
{
    private const string Name = "spm_encode";

    /// <summary>Seconds to encode lines of text, without startup time; null if the program is not installed or fails.</summary>
    /// <param name="model">The <c>spiece.model</c>.</param>
    /// <param name="lines">File of lines.</param>
    /// <param name="nothing">An empty file, for measuring the startup time.</param>
    internal static double? EncodingSeconds(string model, string lines, string nothing)
    {
        string[] Arguments(string file) => [$"--model={model}", "--output_format=id", $"--input={file}", "--output=/dev/null"];
        return Seconds(Arguments(nothing)) is { } start && Seconds(Arguments(lines)) is { } whole ? whole - start : null;
    }

    private static double? Seconds(string[] arguments)
    {
        var begin = Stopwatch.GetTimestamp();
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            _ = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? Stopwatch.GetElapsedTime(begin).TotalSeconds : null;
        }
        catch (Win32Exception)
        {
            return null; // not installed
        }
    }
}

using ResidualPrompts.Models.Weights;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Models.Weights;

public sealed class SafetensorsHostileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("bad.safetensors");

    public void Dispose() => _folder.Dispose();

    /// <summary>A header, how many bytes of data follow, and what the message must say.</summary>
    public static TheoryData<string, int, string> Headers => new()
    {
        { "[]", 0, "a JSON object, found an array" },
        { "{ ", 0, "JSON" },
        { """{}x""", 0, "expected JSON" },
        { """{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},}""", 4, "JSON" },
        { """{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}""", 2,
            "every key once, found 'a' twice" },
        { """{"a":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"\u0061":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}""", 2,
            "every key once, found 'a' twice" },
        { """{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1, "found 'dtype', which is another or is there twice" },
        { """{"\ud800":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}""", 1, "the header" },
        { """{"a":5}""", 0, "the description of the tensor 'a'" },
        { """{"a":{"dtype":"U8","shape":[1]}}""", 1, "exactly dtype, shape and data_offsets, found an object without one of them" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}""", 1, "exactly dtype, shape and data_offsets, found 'x'" },
        { """{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""", 1, "one of F64, F32, F16, BF16, I64, I32, U8, BOOL, found 'F8_E4M3'" },
        { """{"a":{"dtype":7,"shape":[1],"data_offsets":[0,1]}}""", 1, "found '7'" },
        { """{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}""", 1, "the shape of the tensor 'a': expected an array of integers" },
        { """{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}""", 1, "found '-1'" },
        { """{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}""", 1, "found '1.0'" },
        { """{"a":{"dtype":"U8","shape":[1e0],"data_offsets":[0,1]}}""", 1, "found '1e0'" },
        { """{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}""", 1, "found a string" },
        { """{"a":{"dtype":"U8","shape":[null],"data_offsets":[0,1]}}""", 1, "found 'null'" },
        { """{"a":{"dtype":"U8","shape":[9223372036854775808],"data_offsets":[0,1]}}""", 1, "found '9223372036854775808'" },
        { """{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "64 bits" },
        { """{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}""", 0, "64 bits" },
        { """{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "64 bits" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "8 bytes for [2] of F32, found 4" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}""", 1, "begin not above end, found [1, 0]" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}""", 1, "[begin, end]" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}""", 1, "[begin, end]" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[-1,0]}}""", 1, "data_offsets of the tensor 'a'" },
        { """{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", 8, "at most 8, the bytes behind the header, found [0, 9]" },
        { """{"a":{"dtype":"U8","shape":[4],"data_offsets":[9223372036854775803,9223372036854775807]}}""", 8, "at most 8" },
        { """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3,
            "overlap another tensor's) of the tensor 'b'" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}""", 3,
            "a gap before them) of the tensor 'b'" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}""", 2, "a gap before them) of the tensor 'a'" },
        { """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 2, "bytes behind the last tensor" },
        { """{"__metadata__":[]}""", 0, "an object of strings, found an array" },
        { """{"__metadata__":{"a":1}}""", 0, "the value of 'a' in __metadata__: expected a string, found '1'" },
        { """{"__metadata__":{"a":"x","a":"y"}}""", 0, "every key once, found 'a' twice" },
        { """{"__metadata__":{},"__metadata__":{}}""", 0, "every key once, found '__metadata__' twice" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_wrong_header_is_refused_with_what_was_expected_and_found(string json, int dataLength, string message)
    {
        RawSafetensors.Write(File, json, new byte[dataLength]);

        Refused().Should().Contain(message).And.Contain(File).And.Contain("expected").And.Contain("found");
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL)]
    [InlineData(3UL)]
    [InlineData(100_000_001UL)]
    [InlineData(1UL << 62)]
    [InlineData(ulong.MaxValue)]
    public void A_header_length_that_cannot_be_is_refused(ulong length)
    {
        System.IO.File.WriteAllBytes(File, [.. BitConverter.GetBytes(length), (byte)'{', (byte)'}']);

        Refused().Should().Contain($"the length of the header in the first 8 bytes: expected 2 to 2 (the file has 10 bytes), found {length}");
    }

    [Fact]
    public void A_header_above_100_MB_is_refused_although_the_file_is_that_long()
    {
        using (var stream = System.IO.File.Create(File))
        {
            stream.Write(BitConverter.GetBytes(100_000_001L));
            stream.SetLength(100_000_100);
        }

        Refused().Should().Contain("2 to 100000000");
    }

    [Theory]
    [InlineData(0, "the file is empty")]
    [InlineData(7, "too short")]
    [InlineData(9, "too short: expected at least 10 bytes, found 9")]
    [InlineData(10, "the length of the header")]
    public void A_file_too_short_for_a_header_is_refused(int length, string message)
    {
        System.IO.File.WriteAllBytes(File, new byte[length]);

        Refused().Should().Contain(message);
    }

    [Fact]
    public void A_header_that_is_not_UTF8_is_refused()
    {
        System.IO.File.WriteAllBytes(File, [.. BitConverter.GetBytes(6L), (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'}']);

        Refused().Should().Contain("UTF-8");
    }

    [Theory]
    [InlineData("{\"a\":", '[', "the description of the tensor 'a'")]
    [InlineData("", '[', "a JSON object, found an array")]
    [InlineData("{\"a\":{\"shape\":[", '[', "the shape of the tensor 'a'")]
    [InlineData("{\"a\":{\"shape\":[", '7', "expected JSON")]
    [InlineData("{\"a\":{\"dtype\":\"", 'F', "JSON")]
    public void A_header_that_goes_on_and_on_is_refused(string start, char repeated, string message)
    {
        RawSafetensors.Write(File, start + new string(repeated, 1_000_000), []);

        Refused().Should().Contain(message);
        Refused().Length.Should().BeLessThan(600);
    }

    [Fact]
    public void More_than_64_dimensions_are_refused_and_64_are_read()
    {
        RawSafetensors.Write(File, Header(65), [1]);
        Refused().Should().Contain("at most 64 integers, found more");

        RawSafetensors.Write(File, Header(64), [1]);
        using var file = SafetensorsFile.Open(File);
        using var tensor = file.Read("a");
        tensor.shape.Should().HaveCount(64);

        static string Header(int rank) =>
            $$$"""{"a":{"dtype":"U8","shape":[{{{string.Join(',', Enumerable.Repeat(1, rank))}}}],"data_offsets":[0,1]}}""";
    }

    [Fact]
    public void A_key_of_control_characters_stays_on_one_short_line_of_the_message()
    {
        var key = "\\n\\u001b[2J" + new string('x', 10_000);
        RawSafetensors.Write(File, "{\"" + key + "\":{\"dtype\":\"?\",\"shape\":[],\"data_offsets\":[0,0]}}", []);

        Refused().Should().NotContain("\n").And.NotContain("\u001b").And.Contain(@"\u000a\u001b[2J");
        Refused().Length.Should().BeLessThan(600);
    }

    [Fact]
    public void A_folder_a_missing_file_and_an_impossible_path_are_refused()
    {
        Opening(_folder.Path).Should().Contain("it is a folder").And.Contain(_folder.Path);
        Opening(_folder.File("none")).Should().Contain("there is no such file");
        Opening("a\0b").Should().Contain("there is no such file");
        Opening("").Should().Contain("there is no such file");
    }

    [Fact]
    public void An_unreadable_file_is_refused()
    {
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "a privileged user may read everything");
        RawSafetensors.Write(File, "{}", []);
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("needs Unix file modes");
        }
        else
        {
            System.IO.File.SetUnixFileMode(File, UnixFileMode.None);
        }

        Refused().Should().Contain("denied");
    }

    [Fact]
    public void Asking_for_an_unknown_key_names_the_keys_that_exist()
    {
        RawSafetensors.Write(File, """{"b":{"dtype":"U8","shape":[],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}""",
            [1, 2]);
        using var file = SafetensorsFile.Open(File);

        var read = () => file.Read("c");

        read.Should().Throw<CheckpointException>().WithMessage($"'{File}' holds no tensor 'c': expected one of its 2 keys ('a', 'b').");
    }

    [Fact]
    public void Padding_and_tensors_of_no_elements_are_fine()
    {
        const string Json = """{ "e" : {"dtype":"F32","shape":[0,7],"data_offsets":[2,2]}, "s":{"data_offsets":[0,2],"shape":[],"dtype":"BF16"} }  """
            + """   """;
        RawSafetensors.Write(File, Json, [0x80, 0x3f]);
        using var file = SafetensorsFile.Open(File);

        using var empty = file.Read("e");
        using var scalar = file.Read("s");
        empty.shape.Should().Equal(0, 7);
        scalar.shape.Should().BeEmpty();
        scalar.data<float>().ToArray().Should().Equal(1f);
        file.Metadata.Should().BeEmpty();
    }

    private string Refused() => Opening(File);

    private static string Opening(string path)
    {
        var open = () => SafetensorsFile.Open(path);
        return open.Should().Throw<CheckpointException>().Which.Message;
    }
}

using System.Buffers.Binary;
using System.Text;
using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

public class ElfVersionPatchTests
{
    private const uint VersionReferences = 0x6FFFFFFE;
    private const uint SymbolVersions = 0x6FFFFFFF;
    private const uint Relocations = 4;

    private readonly byte[] _file;
    private readonly int _flagsOffset;

    public ElfVersionPatchTests()
    {
        Assert.SkipUnless(ShippedLibrary.Exists, "the Linux library of TorchSharp is not beside the tests");
        _file = ShippedLibrary.Bytes();
        _flagsOffset = ShippedLibrary.FlagsOffset(_file);
    }

    [Fact]
    public void The_flag_of_the_one_reference_becomes_weak_and_nothing_else_changes()
    {
        var expected = _file.ToArray();
        expected[_flagsOffset].Should().Be(0);
        expected[_flagsOffset] = 2;
        Patch(_file).AsSpan().SequenceEqual(expected).Should().BeTrue();
    }

    [Fact]
    public void The_bytes_given_are_left_alone()
    {
        Patch(_file);
        _file[_flagsOffset].Should().Be(0);
    }

    [Fact]
    public void Patching_twice_is_patching_once() => Patch(Patch(_file)).AsSpan().SequenceEqual(Patch(_file)).Should().BeTrue();

    [Fact]
    public void A_file_without_the_version_is_refused()
    {
        var at = _file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(ElfVersionPatch.VersionName + "\0"));
        _file[at + 13] = (byte)'9';
        Refusal().Should().Contain("it has no such reference for libstdc++.so.6").And.Contain("lib.so").And.Contain("Use TorchSharp 0.107.0");
    }

    [Fact]
    public void A_second_symbol_with_the_version_is_refused()
    {
        var versions = Section(SymbolVersions);
        var version = BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(_flagsOffset + 2));
        BinaryPrimitives.WriteUInt16LittleEndian(_file.AsSpan((int)versions.Offset + 2), version);
        Refusal().Should().Contain("needs that version too");
    }

    [Fact]
    public void A_hidden_symbol_with_the_version_is_refused_too()
    {
        var versions = Section(SymbolVersions);
        var version = BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(_flagsOffset + 2));
        BinaryPrimitives.WriteUInt16LittleEndian(_file.AsSpan((int)versions.Offset + 2), (ushort)(version | 0x8000));
        Refusal().Should().Contain("needs that version too");
    }

    [Fact]
    public void A_file_in_which_no_symbol_has_the_version_is_refused()
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_file.AsSpan(IndexOfUser()), 1);
        Refusal().Should().Contain("_ZSt21ios_base_library_initv does not have that version");
    }

    [Fact]
    public void A_file_that_calls_the_symbol_is_refused()
    {
        var relocations = Section(Relocations);
        var symbol = (uint)(IndexOfUser() - (int)Section(SymbolVersions).Offset) / 2;
        BinaryPrimitives.WriteUInt32LittleEndian(_file.AsSpan((int)relocations.Offset + 12), symbol);
        Refusal().Should().Contain("it uses the symbol _ZSt21ios_base_library_initv");
    }

    [Theory]
    [InlineData(0, 'M', "ELF signature")]
    [InlineData(4, 1, "class 1")]
    [InlineData(5, 2, "data 2")]
    [InlineData(16, 2, "type 2")]
    [InlineData(18, 183, "machine 183")]
    [InlineData(58, 40, "section headers of 64 bytes, found 56 and 40")]
    public void A_file_of_another_kind_is_refused(int offset, int value, string message)
    {
        _file[offset] = (byte)value;
        Refusal().Should().Contain(message).And.Contain("damaged or incomplete");
    }

    [Fact]
    public void A_version_reference_that_points_outside_of_its_section_is_refused()
    {
        var references = Section(VersionReferences);
        BinaryPrimitives.WriteUInt32LittleEndian(_file.AsSpan((int)references.Offset + 12), uint.MaxValue);
        Refusal().Should().Contain($"a version entry lies at byte {uint.MaxValue} of a section of {references.Length} bytes");
    }

    private string Refusal() => new Action(() => Patch(_file)).Should().Throw<NativeLibraryException>().Which.Message;

    private int IndexOfUser()
    {
        var versions = Section(SymbolVersions);
        var version = _file.AsSpan(_flagsOffset + 2, 2).ToArray();
        for (var at = (int)versions.Offset; ; at += 2)
        {
            if (_file.AsSpan(at, 2).SequenceEqual(version))
                return at;
        }
    }

    private ElfSection Section(uint type) => new ElfImage(_file, "lib.so").Sections(type)[0];

    private static byte[] Patch(byte[] bytes) => ElfVersionPatch.Apply(bytes, "lib.so");
}

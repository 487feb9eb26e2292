using System.Buffers.Binary;
using CsCheck;
using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

/// <summary>Damaged files give a right patch or a message, never another exception.</summary>
public class DamagedElfTests
{
    private readonly byte[] _file;
    private readonly int _flagsOffset;

    public DamagedElfTests()
    {
        Assert.SkipUnless(ShippedLibrary.Exists, "the Linux library of TorchSharp is not beside the tests");
        _file = ShippedLibrary.Bytes();
        _flagsOffset = ShippedLibrary.FlagsOffset(_file);
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_is_refused()
    {
        int[] everywhere = [.. Enumerable.Range(0, 200), .. Enumerable.Range(1, 400)
            .Select(i => (int)((long)i * _file.Length / 401)), _file.Length - 1];
        foreach (var length in everywhere)
        {
            var cut = _file[..length];
            new Action(() => ElfVersionPatch.Apply(cut, "lib.so")).Should().Throw<NativeLibraryException>($"{length} bytes are left");
        }
    }

    [Fact]
    public void A_file_on_disk_that_is_cut_anywhere_is_found_incomplete_and_the_whole_file_is_not()
    {
        var folder = Directory.CreateTempSubdirectory("native-tests-").FullName;
        try
        {
            var path = Path.Combine(folder, "lib.so");
            File.WriteAllBytes(path, _file);
            ElfFile.CheckComplete(path);
            foreach (var length in new[] { _file.Length - 1, _file.Length / 2, 4096, 65, 64, 63, 1, 0 })
            {
                using (var cut = File.OpenWrite(path))
                    cut.SetLength(length);
                new Action(() => ElfFile.CheckComplete(path)).Should().Throw<NativeLibraryException>($"{length} bytes are left")
                    .Which.Message.Should().Contain(path).And.Contain("damaged or incomplete");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_message()
    {
        new Action(() => ElfFile.Read("/nowhere/lib.so")).Should().Throw<NativeLibraryException>().Which.Message.Should().Contain("/nowhere/lib.so");
        new Action(() => ElfFile.CheckComplete("/nowhere/lib.so")).Should().Throw<NativeLibraryException>();
    }

    [Fact]
    public void Changed_bytes_give_a_right_patch_or_a_message()
    {
        var refused = 0;
        // One array for all cases, put right again after each: copies of 2 MB would take most of the time.
        GenChanges().Sample(changes =>
        {
            var before = changes.Select(change => (change.Offset, Value: _file[change.Offset])).Reverse().ToArray();
            foreach (var (offset, value) in changes)
                _file[offset] = value;
            try
            {
                CheckIsRightPatch(ElfVersionPatch.Apply(_file, "lib.so"));
            }
            catch (NativeLibraryException)
            {
                refused++;
            }
            finally
            {
                foreach (var (offset, value) in before)
                    _file[offset] = value;
            }
        }, iter: 4000, threads: 1);
        refused.Should().BeInRange(400, 3600, "else the changes do not test both outcomes");
    }

    private void CheckIsRightPatch(byte[] patched)
    {
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(patched.AsSpan(_flagsOffset));
        flags.Should().Be((ushort)(BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(_flagsOffset)) | 2));
        patched.Length.Should().Be(_file.Length);
        patched.AsSpan(0, _flagsOffset).SequenceEqual(_file.AsSpan(0, _flagsOffset)).Should().BeTrue();
        patched.AsSpan(_flagsOffset + 2).SequenceEqual(_file.AsSpan(_flagsOffset + 2)).Should().BeTrue();
    }

    /// <summary>One to four bytes at a time, mostly where the parser reads: header, section headers, and the tables.</summary>
    private Gen<(int Offset, byte Value)[]> GenChanges()
    {
        var image = new ElfImage(_file, "lib.so");
        (int Begin, int Length)[] regions =
        [
            (0, ElfImage.HeaderLength),
            ((int)image.U64(40), _file.Length - (int)image.U64(40)),
            .. new uint[] { 0x6FFFFFFE, 0x6FFFFFFE, 0x6FFFFFFF, 11, 4 }.Select(type => image.Sections(type)[0])
                .Select(s => ((int)s.Offset, (int)s.Length)),
            (0, _file.Length),
        ];
        var genValue = Gen.OneOf(Gen.Byte, Gen.OneOf(new byte[] { 0, 1, 0x7F, 0x80, 0xFF }));
        var genChange =
            from region in Gen.OneOf(regions)
            from offset in Gen.Int[region.Begin, region.Begin + region.Length - 1]
            from value in genValue
            select (offset, value);
        return genChange.Array[1, 4];
    }
}

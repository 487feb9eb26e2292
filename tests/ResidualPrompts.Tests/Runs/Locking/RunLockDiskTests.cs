using ResidualPrompts.Files;
using ResidualPrompts.Runs;
using ResidualPrompts.Runs.Locking;
using ResidualPrompts.Testing;

namespace ResidualPrompts.Tests.Runs.Locking;

/// <summary>Locks on file systems that are slow, late, poor or careless.</summary>
public sealed class RunLockDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private RunDirectory Run => new(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lock_that_cannot_be_removed_hides_nothing_and_is_in_nobodys_way_here()
    {
        var disk = new FailingDelete(Run.Lock);
        Disk.Use(disk);
        try
        {
            FluentActions.Invoking(() =>
            {
                using var held = RunLock.Take(Run);
                throw new InvalidDataException("the first failure");
            }).Should().Throw<InvalidDataException>().WithMessage("the first failure");
        }
        finally
        {
            Disk.Use(null);
        }

        File.Exists(Run.Lock).Should().BeTrue();
        RunLock.IsHeld(Run).Should().BeFalse();
        RunLock.Take(Run).Dispose();
    }

    /// <summary>A disk whose clock is an hour behind, and one whose clock is an hour ahead.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void The_age_of_a_sign_of_life_is_that_of_the_file_systems_clock(int hours)
    {
        var skew = TimeSpan.FromHours(hours);
        ForeignLock.Write(Run.Lock, ForeignLock.Elsewhere, LockFile.Lapse - TimeSpan.FromSeconds(30) - skew);
        On(new SkewedDisk(Run, skew), () => Refused());
        ForeignLock.Write(Run.Lock, ForeignLock.Elsewhere, (LockFile.Lapse + TimeSpan.FromSeconds(1)) - skew);
        On(new SkewedDisk(Run, skew), () => RunLock.Take(Run).Dispose());
    }

    [Fact]
    public void Without_second_names_a_lock_keeps_others_out_all_the_same()
    {
        On(new PlainDisk(), () =>
        {
            using (RunLock.Take(Run))
                Refused();
            RunLock.IsHeld(Run).Should().BeFalse();
            ForeignLock.OfKilled(Run.Lock);
            using (var held = RunLock.Take(Run))
                held.Problem.Should().BeNull();
            Left().Should().BeEmpty();
        });
    }

    [Fact]
    public void A_file_system_that_keeps_nobody_out_is_named()
    {
        On(new CarelessDisk(), () =>
        {
            using var held = RunLock.Take(Run);
            held.Problem.Should().Contain(_folder.Path).And.Contain("Nothing keeps a second process out");
        });
    }

    [Fact]
    public void A_run_says_that_nothing_keeps_a_second_process_out()
    {
        IReadOnlyList<string>? notes = null;
        On(new CarelessDisk(), () => notes = TinyRun.Train(TinyRun.Spec(_folder)).Notes);
        notes.Should().ContainSingle(note => note.Contains("Nothing keeps a second process out"));
    }

    private AwesomeAssertions.Specialized.ExceptionAssertions<RunException> Refused() =>
        FluentActions.Invoking(() => RunLock.Take(Run)).Should().Throw<RunException>();

    private IEnumerable<string> Left() => Directory.EnumerateFileSystemEntries(_folder.Path).Select(Path.GetFileName).OfType<string>();

    private static void On(DiskLayer disk, Action action)
    {
        Disk.Use(disk);
        try
        {
            action();
        }
        finally
        {
            Disk.Use(null);
        }
    }

    private sealed class FailingDelete(string file) : DiskLayer
    {
        internal override int Before(DiskOperation operation, string path, int byteCount) =>
            operation == DiskOperation.Delete && path == file ? throw new IOException("no") : byteCount;
    }

    private sealed class PlainDisk : DiskLayer
    {
        internal override bool GivesSecondNames => false;

        internal override int Before(DiskOperation operation, string path, int byteCount) => byteCount;
    }

    /// <summary>A file that exists is created again.</summary>
    private sealed class CarelessDisk : DiskLayer
    {
        internal override int Before(DiskOperation operation, string path, int byteCount)
        {
            if (operation == DiskOperation.Link)
                File.Delete(path);
            return byteCount;
        }
    }

    private sealed class SkewedDisk(RunDirectory run, TimeSpan skew) : DiskLayer
    {
        internal override int Before(DiskOperation operation, string path, int byteCount)
        {
            if (operation == DiskOperation.Link && path == run.Lock)
                File.SetLastWriteTimeUtc(Directory.GetFiles(run.Path, ".run.lock.????????.???").Single(), DateTime.UtcNow + skew);
            return byteCount;
        }
    }
}

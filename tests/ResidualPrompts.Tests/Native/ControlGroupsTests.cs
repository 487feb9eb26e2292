using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

public class ControlGroupsTests
{
    [Theory]
    [InlineData("max 100000\n", null)]
    [InlineData("150000 100000\n", 2)]
    [InlineData("100000 100000", 1)]
    [InlineData("200000 100000", 2)]
    [InlineData("200001 100000", 3)]
    [InlineData("1000 100000", 1)]
    [InlineData("0 100000", null)]
    [InlineData("100000 0", null)]
    [InlineData("-1 100000", null)]
    [InlineData("9223372036854775807 1", int.MaxValue)]
    [InlineData("99999999999999999999 1", null)]
    [InlineData("100000", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_quota_is_rounded_up_to_whole_processors(string? text, int? expected) => ControlGroups.Quota(text).Should().Be(expected);

    [Fact]
    public void The_smallest_quota_of_a_group_and_its_parents_holds()
    {
        var files = new Dictionary<string, string>
        {
            ["/sys/fs/cgroup/user.slice/job.scope/cpu.max"] = "max 100000\n",
            ["/sys/fs/cgroup/user.slice/cpu.max"] = "300000 100000\n",
        };
        ControlGroups.ProcessorQuota("0::/user.slice/job.scope\n", files.GetValueOrDefault).Should().Be(3);
    }

    [Fact]
    public void The_group_of_a_container_is_found_at_the_root() =>
        ControlGroups.ProcessorQuota("0::/../../host-path\n", path => path == "/sys/fs/cgroup/cpu.max" ? "50000 100000" : null).Should().Be(1);

    [Theory]
    [InlineData("4:cpu,cpuacct:/docker/1a2b\n3:memory:/docker/1a2b\n")]
    [InlineData("4:cpuacct,cpu:/\n")]
    public void Version_1_has_quota_and_period_in_two_files(string membership)
    {
        var files = new Dictionary<string, string>
        {
            ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us"] = "250000\n",
            ["/sys/fs/cgroup/cpu/cpu.cfs_period_us"] = "100000\n",
        };
        ControlGroups.ProcessorQuota(membership, files.GetValueOrDefault).Should().Be(3);
    }

    [Fact]
    public void Version_1_without_a_quota_is_no_limit() =>
        ControlGroups.ProcessorQuota("4:cpu:/\n", path => path.Contains("quota", StringComparison.Ordinal) ? "-1\n" : "100000\n").Should().BeNull();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("nonsense\n:\n::")]
    [InlineData("3:cpuset:/a\n")]
    public void A_text_without_a_group_for_processor_time_is_no_limit(string? membership) =>
        ControlGroups.ProcessorQuota(membership, _ => "100000 100000").Should().BeNull();

    [Fact]
    public void A_path_is_followed_up_to_the_root() => ControlGroups.Ancestry("/a/b").Should().Equal("/a/b", "/a", "");
}

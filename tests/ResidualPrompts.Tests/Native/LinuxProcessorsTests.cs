using ResidualPrompts.Native;

namespace ResidualPrompts.Tests.Native;

public class LinuxProcessorsTests
{
    [Theory]
    [InlineData("0-3,8", new[] { 0, 1, 2, 3, 8 })]
    [InlineData("0\n", new[] { 0 })]
    [InlineData("\t2,0-1,1", new[] { 0, 1, 2 })]
    [InlineData("5-5", new[] { 5 })]
    public void A_list_of_processors_is_read(string text, int[] expected) => LinuxProcessors.ParseList(text).Should().Equal(expected);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("3-1")]
    [InlineData("1-2-3")]
    [InlineData("-1")]
    [InlineData("0,")]
    [InlineData("0-4294967296")]
    [InlineData("0-999999999")]
    public void A_text_that_is_no_list_is_none(string? text) => LinuxProcessors.ParseList(text).Should().BeNull();

    [Fact]
    public void Allowed_processors_are_read_from_the_status() =>
        LinuxProcessors.AllowedProcessors("Name:\tdotnet\nCpus_allowed:\tff\nCpus_allowed_list:\t0-1,7\nMems_allowed_list:\t0\n")
            .Should().Equal(0, 1, 7);

    [Theory]
    [InlineData(null)]
    [InlineData("Name:\tdotnet\n")]
    public void A_status_without_the_line_says_nothing(string? status) => LinuxProcessors.AllowedProcessors(status).Should().BeNull();

    [Fact]
    public void Two_threads_of_a_core_count_once()
    {
        var siblings = new Dictionary<int, string> { [0] = "0,4\n", [4] = "0,4\n", [1] = "1,5\n", [2] = "2-3\n", [3] = "2-3\n" };
        LinuxProcessors.PhysicalCores([0, 1, 2, 3, 4], siblings.GetValueOrDefault).Should().Be(3);
    }

    [Fact]
    public void Processors_without_known_siblings_are_cores_of_their_own() => LinuxProcessors.PhysicalCores([0, 1, 6], _ => null).Should().Be(3);

    [Fact]
    public void This_machine_has_between_one_core_and_all_of_its_processors()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads files of Linux");
        LinuxProcessors.Usable().Should().BeInRange(1, Environment.ProcessorCount);
    }
}

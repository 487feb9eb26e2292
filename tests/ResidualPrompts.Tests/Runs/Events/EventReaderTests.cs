using ResidualPrompts.Runs.Events;
using ResidualPrompts.Testing;
using ResidualPrompts.Training;

namespace ResidualPrompts.Tests.Runs.Events;

public sealed class EventReaderTests : IDisposable
{
    private static readonly TrainingEvent[] All =
    [
        new StepCompleted(1, 1, 0.5, 2.5, 8, 100, 0.25),
        new EvaluationCompleted(1, 1, "validation", new Dictionary<string, double?> { ["accuracy"] = 0.75, ["matthews"] = null }, 4, 1, true, 0.125),
        new EpochCompleted(1, 1, 0.5),
        new PatienceExhausted(1, 1, 3),
        new WarningRaised(1, 1, TrainingSymptom.MajorityCollapse,
            "what was seen") { Remedies = [new("skip", "true"), new("learning_rate", Hint: "a lower one")] },
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_kind_of_event_is_read_as_it_was_written()
    {
        typeof(TrainingEvent).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TrainingEvent)))
            .Should().BeEquivalentTo(All.Select(happened => happened.GetType()));
        File.WriteAllLines(_folder.File("events.jsonl"), All.Select(EventFormat.Line));
        EventReader.ReadAll(_folder.Path).Should().BeEquivalentTo(All, options => options.PreferringRuntimeMemberTypes().WithStrictOrdering());
    }

    [Fact]
    public void Lines_are_passed_on_whole_and_from_the_beginning_again_after_the_log_was_cut_back()
    {
        var path = _folder.File("events.jsonl");
        var reader = new EventReader(_folder.Path);
        Followed(reader, isCut: false);
        File.WriteAllText(path, "one\ntwo\nthr");
        Followed(reader, isCut: false, "one", "two");
        Followed(reader, isCut: false);
        File.AppendAllText(path, "ee\n");
        Followed(reader, isCut: false, "three");
        File.WriteAllText(path, "one\n");
        Followed(reader, isCut: true);
        Followed(reader, isCut: false, "one");
        File.Delete(path);
        Followed(reader, isCut: true);
    }

    [Fact]
    public void A_log_is_followed_while_it_grows_and_after_a_resumed_run_has_cut_it_back()
    {
        var path = _folder.File("events.jsonl");
        var line = EventFormat.Line(All[0]);
        File.WriteAllText(path, line + "\n" + line[..10]);
        var reader = new EventReader(_folder.Path);
        reader.Update().Should().BeTrue();
        reader.Events.Should().HaveCount(1, "the second line is not whole");
        reader.Update().Should().BeFalse();
        File.AppendAllText(path, line[10..] + "\n{\"event\":\"of a later version\"}\n");
        reader.Update().Should().BeTrue();
        reader.Events.Should().HaveCount(2);
        File.WriteAllText(path, line + "\n");
        reader.Update().Should().BeTrue();
        reader.Events.Should().HaveCount(1);
    }

    private static void Followed(EventReader reader, bool isCut, params string[] lines)
    {
        var (restarted, found) = reader.Follow();
        restarted.Should().Be(isCut);
        found.Should().Equal(lines);
    }
}

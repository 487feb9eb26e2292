using ResidualPrompts.Testing;

namespace ResidualPrompts.Cli.Tests;

/// <summary>Wherever a path or a name on the hub may stand, a misspelt path is answered with the nearest one, and the hub is not asked.</summary>
public sealed class MisspeltPathTests(StudyTests.Trained trained) : IClassFixture<StudyTests.Trained>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Model => trained.Options[2];

    private string Rows => trained.Options[4];

    private string Run => trained.Other;

    [Theory]
    [InlineData("train --model MODEL --data FOLDER/d.jsnol --save-name a", "*No data '*d.jsnol'*Did you mean '*d.jsonl'?*")]
    [InlineData("train --model MODEL --data d.jsnol --save-name a", "*No data 'd.jsnol'*")]
    [InlineData("train --model MODL --data ROWS --save-name a", "*No model*Did you mean 'MODEL'?*")]
    [InlineData("train --model ./t5-nan --data ROWS --save-name a", "*No model './t5-nan'*Did you mean 't5-nano'?*")]
    [InlineData("train --model t5-nan --data ROWS --save-name a", "*No model 't5-nan'*Did you mean 't5-nano'?*")]
    [InlineData("train --model MODEL --data subjj --save-name a", "*No data 'subjj'*Did you mean 'subj'?*")]
    [InlineData("train --model MODEL --train FOLDER/dd.jsonl --save-name a", "*cannot be the train split*Did you mean '*d.jsonl'?*")]
    [InlineData("train --model MODEL --data ROWS --task FOLDER/tsk.json --save-name a",
        "*tsk.json: there is no such file*Did you mean '*task.json'?*")]
    [InlineData("train --model MODEL --data ROWS --task FOLDER/task --save-name a", "*No task*Did you mean FOLDER/task.json?*")]
    [InlineData("train --model MODEL --data ROWS --prompt-init file:FOLDER/pormpt.npy --save-name a",
        "*does not exist; did you mean FOLDER/prompt.npy?*")]
    [InlineData("train --config FOLDER/settigns.json --save-name a", "*Did you mean '*settings.json'?*")]
    [InlineData("train --resume ROOT/othr", "*is not a run directory*Did you mean 'ROOT/other'?*")]
    [InlineData("train --resume ROOT/studdy", "*is not a run directory*Did you mean 'ROOT/study'?*")]
    [InlineData("evaluate ROOT/othr", "*Did you mean 'ROOT/other'?*")]
    [InlineData("evaluate ROOT/studdy/seed-3", "*Did you mean 'ROOT/study/seed-3'?*")]
    [InlineData("evaluate ROOT", "*is not a run directory*It holds the runs other, study.*")]
    [InlineData("evaluate --model MODEL --data ROWS --prompt FOLDER/pormpt.npy", "*Did you mean '*prompt.npy'?*")]
    [InlineData("predict ROOT/othr x", "*Did you mean 'ROOT/other'?*")]
    [InlineData("predict RUN --input FOLDER/d.jsnol", "*d.jsnol*Did you mean '*d.jsonl'?*")]
    [InlineData("inspect ROOT/othr --model MODEL", "*Did you mean 'ROOT/other'?*")]
    [InlineData("inspect ROOT/othr", "*No prompt 'ROOT/othr'*Did you mean 'ROOT/other'?*")]
    [InlineData("watch ROOT/othr", "*Did you mean 'ROOT/other'?*")]
    [InlineData("compare ROOT/othr", "*Did you mean 'ROOT/other'?*")]
    [InlineData("study ROOT/othr --output FOLDER/st", "*Did you mean 'ROOT/other'?*")]
    [InlineData("serve --model MODEL --prompts ROOT/studdy --port 0", "*Did you mean 'ROOT/study'?*")]
    [InlineData("serve --runs ROOT/studdy --port 0", "*Did you mean 'ROOT/study'?*")]
    [InlineData("convert ROOT/othr FOLDER/out.npy --to npy", "*Did you mean 'ROOT/other'?*")]
    [InlineData("data check FOLDER/d.jsnol", "*Did you mean '*d.jsonl'?*")]
    public async Task A_misspelt_path_names_the_nearest_one(string command, string message)
    {
        foreach (var name in new[] { "d.jsonl", "task.json", "prompt.npy", "settings.json" })
            _folder.Write(name, "");
        string Filled(string text) => text.Replace("MODEL", Model).Replace("MODL", Path.Combine(Path.GetDirectoryName(Model)!, "modl"))
            .Replace("ROWS", Rows).Replace("RUN", Run).Replace("ROOT", Path.GetDirectoryName(Run)).Replace("FOLDER", _folder.Path);
        var result = await InProcess.Run([.. command.Split(' ').Select(Filled)]);
        result.ShouldBeRefused(Filled(message));
        result.Error.Should().NotContain("was requested from").And.NotContain("the hub's cache' ");
        _folder.FileNames().Should().HaveCount(4);
    }

    [Theory]
    [InlineData("5stesp")]
    [InlineData("x")]
    [InlineData("2.5")]
    [InlineData("steps")]
    public async Task A_cadence_that_is_none_names_both_units(string cadence) =>
        (await InProcess.Run([.. trained.Options, "--save-dir", _folder.Path, "--save-name", "a", "--evaluate-every", cadence]))
            .ShouldBeRefused($"*--evaluate-every*{cadence}*a number*");
}

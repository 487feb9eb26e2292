namespace ResidualPrompts.Cli.Tests;

public sealed class OptionTests
{
    [Theory]
    [InlineData("*--lables*--help*", "score", "--model", "t5-nano", "--lables", "a")]
    [InlineData("*--labels*2*", "score", "--model", "t5-nano", "--labels", "a", "--labels", "b")]
    [InlineData("*--ignore-eos*2 times*", "score", "--model", "t5-nano", "--generate", "2", "--ignore-eos", "--ignore-eos")]
    [InlineData("*--model*", "score", "--labels", "a", "--model")]
    [InlineData("*--model*required*", "score", "--labels", "a")]
    [InlineData("*'many' for option '--generate': expected a whole number. See*", "score", "--model", "t5-nano", "--generate", "many")]
    [InlineData("Nothing to do*--labels*--generate*", "score", "--model", "t5-nano")]
    [InlineData("*exclude each other*", "score", "--model", "t5-nano", "--labels", "a", "--label-ids", "[[1]]")]
    [InlineData("*--generate is 0*1 to 4096*", "score", "--model", "t5-nano", "--generate", "0")]
    [InlineData("*--min-new-tokens is 9*--generate's 4*", "score", "--model", "t5-nano", "--generate", "4", "--min-new-tokens", "9")]
    [InlineData("*require --generate*", "score", "--model", "t5-nano", "--labels", "a", "--ignore-eos")]
    [InlineData("*empty label*", "score", "--model", "t5-nano", "--labels", "a,,b")]
    [InlineData("*--label-ids*[[121,1]*", "score", "--model", "t5-nano", "--label-ids", "[1,2]")]
    [InlineData("*--label-ids*token id 9000*0 to 8127*", "score", "--model", "t5-nano", "--label-ids", "[[9000]]")]
    [InlineData("--seeds needs a value (N,N,…), not an empty text. See*", "train", "--task", "subj", "--save-name", "none", "--seeds", "")]
    [InlineData("--resume needs a value (RUN), not an empty text. See*", "train", "--resume", "")]
    [InlineData("--config needs a value (FILE), not an empty text. See*", "train", "--config", "", "--save-name", "none")]
    [InlineData("--prompts needs a value (DIR), not an empty text. See*", "serve", "--model", "t5-nano", "--prompts", "")]
    [InlineData("RUN is empty, expected a value. See*", "evaluate", "run", "")]
    [InlineData("RUN is empty, expected a value. See*", "predict", "", "a text")]
    [InlineData("RUN is empty, expected a value. See*", "watch", "")]
    [InlineData("RUN is empty, expected a value. See*", "compare", "")]
    [InlineData("RUN is empty, expected a value. See*", "study", "", "--output", "x")]
    [InlineData("* is empty, expected a value. See*", "convert", "prompt.npy", "", "--to", "npy")]
    [InlineData("* is empty, expected a value. See*", "data", "check", "")]
    [InlineData("--columns needs a value (A,B,…), not an empty text. See*", "data", "check", "rows.csv", "--columns", "")]
    [InlineData("--save-name is missing, expected the name of a folder.", "train", "--task", "subj")]
    [InlineData("--save-name is missing, expected the name of a folder.*", "train", "--resume")]
    [InlineData("--task is missing, expected a task, or data of your own.", "train", "--save-name", "none")]
    [InlineData("--epochs is 0, expected 1 to 1000000.", "train", "--task", "subj", "--save-name", "none", "--epochs", "0")]
    [InlineData("Data without a built-in task needs label words (or rows *): give --label-words with the values and their words.",
        "tasks", "show", "--data", "subj", "--template", "{sentence}", "--model", "t5-nano")]
    [InlineData("No prompt './nowhere': expected a PEFT adapter*", "inspect", "./nowhere", "t5-nano")]
    [InlineData("--seeds is 0,0, expected different whole numbers*", "train", "--task", "subj", "--save-name", "none", "--seeds", "0,0")]
    [InlineData("*--threads is 0*", "doctor", "--threads", "0")]
    [InlineData("Unknown command 'scoer'*score*", "scoer")]
    [InlineData("Unknown command 'trian'*did you mean train?*", "trian")]
    [InlineData("Unknown command 'shwo'*did you mean show?*", "tasks", "shwo", "subj")]
    [InlineData("Unknown command 'chek'*did you mean check?*", "data", "chek", "rows.csv")]
    [InlineData("Unknown command 'donwload'*did you mean download?*", "hub", "donwload", "t5-small")]
    [InlineData("Unknown option '--reparametrization'*did you mean --reparameterization?*", "train", "--reparametrization", "mlp")]
    [InlineData("Unknown option '--ofline'*did you mean --offline?*", "train", "--ofline")]
    [InlineData("--reparameterization is mpl, expected *. Did you mean mlp?", "train", "--reparameterization", "mpl")]
    [InlineData("*Did you mean original?*", "tasks", "show", "subj", "--compat", "orignal")]
    [InlineData("*'sujb'*Did you mean subj?*", "train", "--task", "sujb", "--save-name", "none")]
    [InlineData("*No model 'nope'*t5-nano*", "score", "--model", "nope", "--labels", "a")]
    [InlineData("--model needs a value (*), not an empty text. See*", "tokenize", "--model", "")]
    [InlineData("*/no/such/file*no such file*", "score", "--model", "t5-nano", "--labels", "a", "--input", "/no/such/file")]
    [InlineData("*/proc cannot be read: it is a folder*", "tokenize", "--model", "t5-nano", "--input", "/proc")]
    [InlineData("*No prompt '/no/such/prompt'*", "score", "--model", "t5-nano", "--labels", "a", "--prompt", "/no/such/prompt")]
    [InlineData("*--max-length is 0*", "tokenize", "--model", "t5-nano", "--max-length", "0")]
    [InlineData("*--port is 70000*--max-body is 0*--max-rows is 9*--max-tokens is 0*--max-labels is 0*--max-new-tokens is 0*--queue is "
    + "0*--batch-rows is 0*--batch-tokens is 0*--batch-delay is -1*--timeout is 0*--shutdown-timeout is -1*--host is 'nowhere'*",
        "serve", "--model", "t5-nano", "--port", "70000", "--max-body", "0", "--max-rows", "9", "--max-tokens", "0", "--max-labels", "0",
        "--max-new-tokens", "0", "--queue", "0", "--batch-rows", "0",
        "--batch-tokens", "0", "--batch-delay", "-1", "--timeout", "0", "--shutdown-timeout", "-1", "--host", "nowhere")]
    [InlineData("*--host 0.0.0.0*give --api-keys FILE, or set --allow-anonymous*", "serve", "--model", "t5-nano", "--host", "0.0.0.0")]
    [InlineData("*--prompts '/nowhere' is not a directory.*", "serve", "--model", "t5-nano", "--prompts", "/nowhere")]
    [InlineData("*--runs '/nowhere' is not a directory.*", "serve", "--model", "t5-nano", "--runs", "/nowhere")]
    [InlineData("*--api-keys '/nowhere' cannot be read*", "serve", "--model", "t5-nano", "--api-keys", "/nowhere")]
    [InlineData("*Cannot listen on 203.0.113.7*--port*", "serve", "--model", "t5-nano", "--host", "203.0.113.7", "--allow-anonymous")]
    public async Task A_mistake_in_the_options_is_one_message_and_exit_code_2(string message, params string[] arguments) =>
        (await InProcess.Run(arguments)).ShouldBeRefused(message);

    [Theory]
    [InlineData("--labels \"a,,b\" contains an empty label*", "score", "--labels", "a,,b")]
    [InlineData("/no/such/file cannot be read: no such file*", "score", "--labels", "a,b", "--input", "/no/such/file")]
    [InlineData("No prompt '/no/such'*", "score", "--labels", "a,b", "--prompt", "/no/such")]
    [InlineData("/no/such/file cannot be read: no such file*", "tokenize", "--input", "/no/such/file")]
    [InlineData("No task 'sujb'*Did you mean subj?*", "evaluate", "--task", "sujb")]
    [InlineData("No prompt '/no/such'*", "evaluate", "--task", "subj", "--prompt", "/no/such")]
    [InlineData("No data '/no/such.csv'*", "evaluate", "--task", "subj", "--data", "/no/such.csv")]
    [InlineData("--port is 70000*", "serve", "--port", "70000")]
    [InlineData("No prompt '/no/such'*", "inspect", "/no/such")]
    [InlineData("No data '/no/such.csv'*", "tasks", "show", "subj", "--data", "/no/such.csv")]
    [InlineData("No data '/no/such.csv'*", "train", "--task", "subj", "--data", "/no/such.csv", "--save-name", "none")]
    [InlineData("*line 1: no field 'titel'; the row has 'sentence', 'label'*", "train", "--data", "subj", "--template", "{titel}", "--label-words",
        "0=a,1=b", "--save-name", "none")]
    public async Task A_mistake_is_said_before_a_model_of_the_hub_is_asked_for(string message, params string[] arguments) =>
        (await InProcess.Run([.. arguments, "--model", "org/none"])).ShouldBeRefused(message);

    [Fact]
    public async Task A_process_that_was_misused_ends_with_2_and_its_standard_output_stays_empty() =>
        (await Program.Run("score", "--model", "t5-nano", "--lables", "a")).ShouldBeRefused("*--lables*--help*");

    [Theory]
    [InlineData("--help")]
    [InlineData("score", "--help")]
    [InlineData("tokenize", "-h")]
    [InlineData("doctor", "--help")]
    public async Task Help_goes_to_standard_output(params string[] arguments)
    {
        var result = await Program.Run(arguments);
        result.ExitCode.Should().Be(0);
        result.Output.Should().Contain("Usage:");
        result.Error.Should().BeEmpty();
    }

    [Fact]
    public async Task Without_arguments_help_is_shown() => (await Program.Run()).Output.Should().Contain("score").And.Contain("doctor");

    [Fact]
    public async Task Version_is_a_version()
    {
        var result = await Program.Run("--version");
        result.Output.Should().MatchRegex(@"^\d+\.\d+\.\d+");
        result.ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Doctor_finds_this_installation_in_order()
    {
        var result = await Program.Run("doctor");
        result.ExitCode.Should().Be(0);
        result.Output.Should().Contain("GFLOPS").And.Contain("t5-nano").And.Contain("libtorch").And.Contain("No problems found.");
        result.Error.Should().BeEmpty();
    }

    [Theory]
    [InlineData("predict", "run", "--typo")]
    [InlineData("predict", "run", "a text", "--outptu=x.jsonl")]
    [InlineData("compare", "run", "--jsn")]
    [InlineData("inspect", "run", "--unknown", "--model", "t5-nano")]
    [InlineData("watch", "--typo")]
    public async Task An_argument_that_looks_like_an_option_is_refused(params string[] arguments) =>
        (await InProcess.Run(arguments)).ShouldBeRefused("*Unknown option '--*put -- before it*--help'*");

    [Theory]
    [InlineData("predict", "run", "--", "--typo")]
    [InlineData("predict", "run", "-- What a film!")]
    [InlineData("predict", "run", "--What a film!")]
    [InlineData("predict", "run", "-x")]
    [InlineData("predict", "run", "--prefix", "--a", "text")]
    public async Task Text_is_taken_as_it_is(params string[] arguments) =>
        (await InProcess.Run(arguments)).ShouldBeRefused("*is not a run directory*");
}

using ResidualPrompts.Testing;

namespace ResidualPrompts.Hub.Tests;

/// <summary>The environment variables of the hub's Python library.</summary>
public sealed class SettingsTests
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    [Theory]
    [InlineData("/d/hub", "HF_HUB_CACHE=/d/hub", "HUGGINGFACE_HUB_CACHE=/e", "HF_HOME=/f", "XDG_CACHE_HOME=/g")]
    [InlineData("/e", "HUGGINGFACE_HUB_CACHE=/e", "HF_HOME=/f", "XDG_CACHE_HOME=/g")]
    [InlineData("/f/hub", "HF_HOME=/f", "XDG_CACHE_HOME=/g")]
    [InlineData("/g/huggingface/hub", "XDG_CACHE_HOME=/g")]
    [InlineData("~/.cache/huggingface/hub")]
    [InlineData("~/my/hub", "HF_HOME=~/my")]
    public void The_cache_is_where_the_first_variable_says(string expected, params string[] variables) =>
        Read(variables).CacheFolder.Should().Be(expected.Replace("~", Home));

    /// <summary>The values that Python's expandvars(expanduser(...)) gives for HOME=/h, USER=u and EMPTY=.</summary>
    [Theory]
    [InlineData("$HOME/x", "/h/x")]
    [InlineData("${HOME}/x", "/h/x")]
    [InlineData("~/x", "/h/x")]
    [InlineData("~", "/h")]
    [InlineData("/a/~/x", "/a/~/x")]
    [InlineData("/scratch/$USER/${USER}", "/scratch/u/u")]
    [InlineData("/a$EMPTY/b", "/a/b")]
    [InlineData("$HOMER/x", "$HOMER/x")]
    [InlineData("${HOMER}/x", "${HOMER}/x")]
    [InlineData("$HOME$USER", "/hu")]
    [InlineData("$$HOME", "$/h")]
    [InlineData("\\$HOME", "\\/h")]
    [InlineData("${HOME", "${HOME")]
    [InlineData("${}/$", "${}/$")]
    [InlineData("$-/$1", "$-/$1")]
    [InlineData("%HOME%/x", "%HOME%/x")]
    [InlineData("$TWICE", "~/$USER")]
    [InlineData("~nobody-of-that-name/x", "~nobody-of-that-name/x")]
    public void Variables_and_tildes_are_expanded_as_in_Python(string text, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "it also expands %NAME%");
        string[] also = ["HOME=/h", "USER=u", "EMPTY=", "TWICE=~/$USER"];
        Read([$"HF_HUB_CACHE={text}", .. also]).CacheFolder.Should().Be(expected);
        Read([$"HUGGINGFACE_HUB_CACHE={text}", .. also]).CacheFolder.Should().Be(expected);
        Read([$"HF_HOME={text}", .. also]).CacheFolder.Should().Be(Path.Combine(expected, "hub"));
        Read([$"XDG_CACHE_HOME={text}", .. also]).CacheFolder.Should().Be(Path.Combine(expected, "huggingface", "hub"));
    }

    [Fact]
    public void The_home_of_another_user_is_that_of_the_list_of_users()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the list of users is a file on Linux");
        var user = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).First(fields => fields.Length > 5 && fields[5] is ['/', _, ..]);
        Read($"HF_HUB_CACHE=~{user[0]}/x", "HOME=/h").CacheFolder.Should().Be($"{user[5]}/x");
    }

    [Fact]
    public void The_tokens_path_is_expanded_too()
    {
        using var folder = new TemporaryFolder();
        folder.Write("token", "hf_file");
        foreach (var path in new[] { "$HOME/token", "${HOME}/token", "~/token" })
            Read($"HF_TOKEN_PATH={path}", $"HOME={folder.Path}").Token.Should().Be("hf_file", path);
        Read("HF_HOME=$HOME", $"HOME={folder.Path}").Token.Should().Be("hf_file");
    }

    [Fact]
    public void The_token_comes_from_the_environment_before_the_file()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "hf_file\n");

        Read("HF_TOKEN=hf_one", $"HF_TOKEN_PATH={file}").Token.Should().Be("hf_one");
        Read("HUGGING_FACE_HUB_TOKEN=hf_two").Token.Should().Be("hf_two");
        Read($"HF_TOKEN_PATH={file}").Token.Should().Be("hf_file");
        Read($"HF_TOKEN_PATH={file}", "HF_HUB_DISABLE_IMPLICIT_TOKEN=1").Token.Should().BeNull();
        Read("HF_HOME=/nowhere").Token.Should().BeNull();
        File.Delete(file);
        var broken = () => Read("HF_TOKEN=hf_a\nX-Header: b");
        broken.Should().Throw<HubException>().Which.Message.Should().NotContain("hf_a");
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("ON", true)]
    [InlineData("yes", true)]
    [InlineData("True", true)]
    [InlineData("0", false)]
    [InlineData("no", false)]
    [InlineData("", false)]
    public void Switches_are_on_for_four_words(string value, bool expected)
    {
        Read($"HF_HUB_OFFLINE={value}").IsOffline.Should().Be(expected);
        Read($"TRANSFORMERS_OFFLINE={value}").IsOffline.Should().Be(expected);
        Read($"HF_HUB_DISABLE_SYMLINKS={value}").UsesLinks.Should().Be(!expected);
        Read($"HF_HUB_DISABLE_PROGRESS_BARS={value}").ShowsProgress.Should().Be(!expected);
        Read($"HF_HUB_DISABLE_TELEMETRY={value}").TellsVersion.Should().Be(!expected);
        Read($"DO_NOT_TRACK={value}").TellsVersion.Should().Be(!expected);
    }

    [Fact]
    public void Endpoint_and_timeouts_are_read_and_checked()
    {
        Read("HF_ENDPOINT=http://mirror:8080/hf/").Endpoint.Should().Be(new Uri("http://mirror:8080/hf"));
        Read().Endpoint.Should().Be(new Uri("https://huggingface.co"));
        Read("HF_HUB_ETAG_TIMEOUT=3", "HF_HUB_DOWNLOAD_TIMEOUT=30")
            .Should().Match<HubSettings>(settings => settings.MetadataTimeout.TotalSeconds == 3 && settings.DownloadTimeout.TotalSeconds == 30);
        foreach (var bad in new[] { "HF_ENDPOINT=mirror", "HF_ENDPOINT=ftp://x", "HF_ENDPOINT=https://user:pass@x", "HF_HUB_ETAG_TIMEOUT=0",
            "HF_HUB_DOWNLOAD_TIMEOUT=soon" })
            FluentActions.Invoking(() => Read(bad)).Should().Throw<HubException>()
                .WithMessage($"The environment variable {bad.Split('=')[0]} is *expected*");
    }

    [Theory]
    [InlineData("t5-small", true)]
    [InlineData("google/t5-v1_1-base", true)]
    [InlineData("a/b.c_d-e", true)]
    [InlineData("", false)]
    [InlineData("../x", false)]
    [InlineData("a/..", false)]
    [InlineData("a/b/c", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("a--b", false)]
    [InlineData("./a", false)]
    [InlineData("a b", false)]
    [InlineData("a\n", false)]
    [InlineData("a\\b", false)]
    public void Names_are_those_of_the_hub(string name, bool expected) => HubRepository.IsName(name).Should().Be(expected);

    [Theory]
    [InlineData("../x")]
    [InlineData("")]
    [InlineData("a\\b")]
    [InlineData("a b")]
    public void Revisions_stay_within_the_cache(string revision) =>
        FluentActions.Invoking(() => HubRepository.Revision(revision)).Should().Throw<HubException>().WithMessage("*is not a revision*");

    private static HubSettings Read(params string[] variables)
    {
        var values = variables.ToDictionary(variable => variable.Split('=')[0], variable => variable[(variable.IndexOf('=') + 1)..]);
        return HubSettings.FromEnvironment(name => values.GetValueOrDefault(name));
    }
}

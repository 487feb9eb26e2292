using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ResidualPrompts.Server.Tests;

/// <summary>A browser, and a server with runs.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Paths = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private Client? _client;

    internal TinyRuns Runs { get; } = new();

    internal Client Client => _client!;

    /// <summary>The browser; the test is skipped where there is none.</summary>
    internal IBrowser Chromium
    {
        get
        {
            Assert.SkipWhen(_browser is null, "No chromium on this machine.");
            return _browser!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (Paths.FirstOrDefault(File.Exists) is not { } path)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = ["--no-sandbox"] });
        _client = await Client.Start(Runs.Model.Options() with { Runs = Runs.Runs });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_client is not null)
            await _client.DisposeAsync();
        Runs.Dispose();
    }
}

/// <summary>The page in a real browser.</summary>
public sealed class PageTests(Browser browser) : IClassFixture<Browser>
{
    private const string Hostile = "<img src=x onerror=\"document.title='owned'\">";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(360, ColorScheme.Light)]
    [InlineData(360, ColorScheme.Dark)]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    public async Task A_text_is_predicted_and_runs_are_shown(int width, ColorScheme colors)
    {
        await using var context = await browser.Chromium.NewContextAsync(
            new() { ViewportSize = new() { Width = width, Height = 900 }, ColorScheme = colors });
        var page = await context.NewPageAsync();
        var faults = Faults(page);
        await page.GotoAsync(browser.Client.Server.Address);
        await page.GetByLabel("Prompt").SelectOptionAsync("others");
        await page.GetByLabel("title", new() { Exact = true }).FillAsync(Hostile);
        await page.GetByLabel("text", new() { Exact = true }).FillAsync("warm , funny and beautifully acted");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await page.Locator("#result").WaitForAsync();
        (await page.Locator("#bars progress").CountAsync()).Should().Be(2);
        var expected = await browser.Client.Post("/v1/predict",
            new { prompt = "others", inputs = new[] { new { title = Hostile, text = "warm , funny and beautifully acted" } } });
        (await page.Locator("#label").TextContentAsync()).Should().Be(expected["predictions"][0]!["label"]!.GetValue<string>());
        await Shoot(page, $"predict-{width}-{colors}");
        (await Overflows(page)).Should().BeFalse("nothing may be wider than the window");

        await page.GetByRole(AriaRole.Tab, new() { Name = "Runs" }).ClickAsync();
        await Expect(page.Locator("#runs tbody tr")).ToHaveCountAsync(2, new() { Timeout = 20_000 }); // both prompt runs differ in their seeds alone
        await page.GetByLabel("Seeds share a row").UncheckAsync();
        await page.GetByLabel("plain").CheckAsync();
        await page.GetByLabel("study/seed-1").CheckAsync();
        await Expect(page.Locator("#metric-text")).ToContainTextAsync(new Regex("study/seed-1: [1-9]"));
        await Expect(page.Locator("#loss .u-legend .u-series")).ToHaveCountAsync(4);
        (await page.Locator("#loss canvas").CountAsync()).Should().Be(1);
        await page.GetByLabel("Only settings in which").CheckAsync();
        (await page.Locator("#settings tbody th").AllTextContentsAsync()).Should().Contain("seed").And.NotContain("task");
        await page.WaitForTimeoutAsync(200);
        await Shoot(page, $"runs-{width}-{colors}");
        (await Overflows(page)).Should().BeFalse("nothing may be wider than the window");
        faults.Should().BeEmpty();
        (await page.TitleAsync()).Should().Be("ResidualPrompts");
    }

    [Theory]
    [InlineData("")]
    [InlineData("#predict")]
    [InlineData("#runs")]
    public async Task A_server_without_a_model_opens_its_page_at_the_runs(string address)
    {
        _ = browser.Chromium;
        await using var client = await Client.Start(new PromptServingOptions { Runs = browser.Runs.Runs });
        var page = await browser.Chromium.NewPageAsync();
        var faults = Faults(page, client.Server.Address);
        await page.AddInitScriptAsync("""
            window.shown = [];
            const view = () => document.getElementById("view-predict");
            new MutationObserver(() => { if (view() && !view().hidden) window.shown.push("predict"); })
              .observe(document, { subtree: true, childList: true, attributes: true });
            """);
        await page.GotoAsync(client.Server.Address + "/" + address);
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = "Runs" })).ToHaveAttributeAsync("aria-selected", "true");
        await Expect(page.Locator("#runs tbody tr")).ToHaveCountAsync(2, new() { Timeout = 20_000 });
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = "Predict" })).ToBeHiddenAsync();
        await Expect(page.Locator("#view-predict")).ToBeHiddenAsync();
        (await page.EvaluateAsync<string[]>("window.shown")).Should().BeEmpty("not even for a moment");
        faults.Should().BeEmpty();
    }

    [Fact]
    public async Task The_keyboard_is_enough()
    {
        var page = await browser.Chromium.NewPageAsync();
        await page.GotoAsync(browser.Client.Server.Address);
        await page.Locator("#field-0").FocusAsync();
        await page.Keyboard.TypeAsync("warm and funny");
        await page.GetByLabel("Prompt").FocusAsync();
        await page.Keyboard.TypeAsync("reviews");
        await Expect(page.GetByLabel("Prompt")).ToHaveValueAsync("reviews");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("warm and funny");
        await page.Keyboard.PressAsync("Control+Enter");
        await page.Locator("#result").WaitForAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Predict" }).FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        await page.GetByRole(AriaRole.Heading, new() { Name = "Loss" }).WaitForAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByLabel("Filter")).ToBeFocusedAsync();
        await page.GetByLabel("List of runs").FocusAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Run") })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Run") })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.GetByLabel("full", new() { Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator("#loss-hint")).ToContainTextAsync("Choose");
    }

    [Fact]
    public async Task Labels_and_names_from_outside_are_text()
    {
        var page = await browser.Chromium.NewPageAsync();
        var faults = Faults(page);
        await page.GotoAsync(browser.Client.Server.Address);
        await page.GetByLabel("Prompt").SelectOptionAsync("subjects");
        await page.Locator("#field-0").FillAsync("warm");
        await page.GetByLabel("Labels").FillAsync($"{Hostile}, good");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await page.Locator("#result").WaitForAsync();
        (await page.Locator("#bars .name").AllTextContentsAsync()).Should().Contain(Hostile);
        (await page.Locator("#view-predict img").CountAsync()).Should().Be(0);
        (await page.TitleAsync()).Should().Be("ResidualPrompts");
        faults.Should().BeEmpty();
    }

    [Fact]
    public async Task A_refusal_is_shown_in_words()
    {
        var page = await browser.Chromium.NewPageAsync();
        await page.GotoAsync(browser.Client.Server.Address);
        await page.GetByLabel("Prompt").SelectOptionAsync("reviews");
        await page.GetByLabel("text", new() { Exact = true }).FillAsync(string.Concat(Enumerable.Repeat("so long ", 600)));
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        (await page.GetByRole(AriaRole.Alert).TextContentAsync()).Should().Contain("nothing is truncated");
    }

    [Fact]
    public async Task A_run_under_way_grows_on_the_page()
    {
        var run = Directory.CreateDirectory(Path.Combine(browser.Runs.Runs, "live")).FullName;
        File.Copy(Path.Combine(browser.Runs.Runs, "plain", "run.json"), Path.Combine(run, "run.json"));
        var events = Path.Combine(run, "events.jsonl");
        await File.WriteAllTextAsync(events, Step(1), Stop);
        try
        {
            var page = await browser.Chromium.NewPageAsync();
            await page.GotoAsync(browser.Client.Server.Address + "/#runs");
            await page.GetByLabel("live").CheckAsync();
            await Expect(page.Locator("#metric-text")).ToContainTextAsync("live: 1 steps");
            await File.AppendAllTextAsync(events, Step(2) + Step(3), Stop);
            await Expect(page.Locator("#metric-text")).ToContainTextAsync("live: 3 steps");
        }
        finally
        {
            Directory.Delete(run, recursive: true);
        }
    }

    [Fact]
    public async Task Five_hundred_runs_are_one_table_that_groups_sorts_and_filters()
    {
        using var many = ManyRuns.Write(browser.Runs, studies: 100, seeds: 5);
        await using var client = await Client.Start(browser.Runs.Model.Options() with { Runs = many.Path });
        await using var context = await browser.Chromium.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        var page = await context.NewPageAsync();
        var faults = Faults(page, client.Server.Address);
        await page.GotoAsync(client.Server.Address + "/#runs");
        var rows = page.Locator("#runs tbody tr");
        await Expect(rows).ToHaveCountAsync(100);
        await Expect(page.Locator("#run-count")).ToHaveTextAsync("100 rows, 500 runs.");
        await page.GetByLabel("Filter").FillAsync("learning-rate>=0.9 prompt");
        await Expect(rows).ToHaveCountAsync(11);
        await page.GetByRole(AriaRole.Button, new() { Name = "learning rate" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "learning rate" }).ClickAsync();
        await Expect(rows.First).ToContainTextAsync("rate-100");
        await Expect(rows.Last).ToContainTextAsync("rate-90");
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "learning rate" })).ToHaveAttributeAsync("aria-sort", "descending");
        await page.GetByLabel("rate-100").CheckAsync();
        await Expect(page.Locator("#band-hint")).ToBeVisibleAsync();
        await Expect(page.Locator("#metric-text")).ToContainTextAsync(new Regex("rate-100/seed-4: [1-9]"));
        var (table, loss) = (await page.Locator("#runs-side").BoundingBoxAsync(), await page.Locator("#loss").BoundingBoxAsync());
        loss!.X.Should().BeGreaterThanOrEqualTo(table!.X + table.Width, "curves stand beside the table");
        await Shoot(page, "runs-many");
        (await Overflows(page)).Should().BeFalse("nothing may be wider than the window");
        foreach (var rate in Enumerable.Range(90, 10))
            await page.GetByLabel($"rate-{rate}", new() { Exact = true }).CheckAsync();
        await page.GetByLabel("Filter").FillAsync("");
        await Expect(rows).ToHaveCountAsync(100);
        await page.GetByLabel("rate-1", new() { Exact = true }).CheckAsync();
        await page.GetByLabel("rate-2", new() { Exact = true }).ClickAsync();
        await Expect(page.Locator("#run-limit")).ToContainTextAsync("rate-2 is not shown: at most 24 curves of 64 runs are drawn at once.");
        await Expect(page.GetByLabel("rate-2", new() { Exact = true })).Not.ToBeCheckedAsync();
        await page.GetByLabel("Seeds share a row").UncheckAsync();
        await Expect(rows).ToHaveCountAsync(500);
        faults.Should().BeEmpty();
    }

    [Fact]
    public async Task A_link_opens_one_run()
    {
        var page = await browser.Chromium.NewPageAsync();
        await page.GotoAsync(browser.Client.Server.Address + "/#runs/study%2Fseed-1");
        await Expect(page.Locator("#metric-text")).ToContainTextAsync(new Regex("^study/seed-1: [1-9][^;]*$"));
        await page.GetByRole(AriaRole.Link, new() { Name = "plain" }).ClickAsync();
        await Expect(page.Locator("#metric-text")).ToContainTextAsync(new Regex("^plain: [1-9][^;]*$"));
        page.Url.Should().EndWith("#runs/plain");
        await page.GotoAsync(browser.Client.Server.Address + "/#runs/nowhere");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no run 'nowhere'");
    }

    [Fact]
    public async Task The_page_works_below_a_prefix_of_an_app()
    {
        var chromium = browser.Chromium;
        await using var app = await App.StartAsync(
            builder => builder.Services.AddPromptServing(options =>
                (options.Model, options.Prompts, options.Runs) = (browser.Runs.Model.Model, browser.Runs.Model.Prompts, browser.Runs.Runs)),
            host => host.MapPromptServing("/deep/prompts"));
        var page = await chromium.NewPageAsync();
        await page.GotoAsync($"{app.Http.BaseAddress}deep/prompts");
        await page.GetByLabel("Prompt").SelectOptionAsync("reviews");
        await page.GetByLabel("text", new() { Exact = true }).FillAsync("warm and funny");
        await page.GetByRole(AriaRole.Button, new() { Name = "Predict" }).ClickAsync();
        await page.Locator("#result").WaitForAsync();
        await page.GetByRole(AriaRole.Tab, new() { Name = "Runs" }).ClickAsync();
        await page.GetByLabel("plain").CheckAsync();
        await Expect(page.Locator("#metric-text")).ToContainTextAsync(new Regex("plain: [1-9]"));
    }

    [Fact]
    public async Task A_key_is_asked_for_and_kept()
    {
        var keys = Path.Combine(browser.Runs.Model.Root, "keys");
        await File.WriteAllTextAsync(keys, "0123456789abcdef0123\n", Stop);
        await using var client = await Client.Start(browser.Runs.Model.Options() with { KeysFile = keys });
        var page = await browser.Chromium.NewPageAsync();
        await page.GotoAsync(client.Server.Address);
        await page.GetByLabel("API key").FillAsync("0123456789abcdef0123");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("#prompt option")).ToHaveCountAsync(4);
        await page.ReloadAsync();
        await Expect(page.Locator("#prompt option")).ToHaveCountAsync(4);
    }

    private static string Step(int step) =>
        JsonSerializer.Serialize(new
        {
            @event = "step",
            step,
            epoch = 1,
            loss = 1.0 / step,
            gradient_norm = 1.0,
            example_count = 8,
            token_count = 80,
            duration_seconds = 0.1
        }) + "\n";

    /// <summary>Requests to other sites, errors of scripts, and what the content security policy held back.</summary>
    private List<string> Faults(IPage page, string? address = null)
    {
        address ??= browser.Client.Server.Address;
        var faults = new List<string>();
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(address, StringComparison.Ordinal))
                faults.Add(request.Url);
        };
        page.PageError += (_, error) => faults.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
                faults.Add(message.Text);
        };
        return faults;
    }

    private static Task<bool> Overflows(IPage page) =>
        page.EvaluateAsync<bool>("document.documentElement.scrollWidth > document.documentElement.clientWidth");

    /// <summary>Pictures for people, where somebody asks for them.</summary>
    private static async Task Shoot(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { } folder)
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
    }
}

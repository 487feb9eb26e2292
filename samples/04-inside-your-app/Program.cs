// An app with an endpoint of its own, and prompts below /prompts:
//   dotnet run --project samples/04-inside-your-app -- --prompts runs --urls http://localhost:8080
using ResidualPrompts.Server;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddPromptServing(options =>
{
    options.Model = "t5-nano";
    options.Prompts = builder.Configuration["prompts"]; // a directory of adapters or runs
});

var app = builder.Build();
app.MapGet("/", () => "An app of your own.");
app.MapHealthChecks("/healthz");
app.MapPromptServing("/prompts");
app.Run();

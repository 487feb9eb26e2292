// Calls a running server; references nothing of this project:
//   residual-prompts serve --model t5-nano --prompts runs
//   dotnet run --project samples/03-call-the-server -- http://localhost:8080 first
using System.Net.Http.Json;
using System.Text.Json.Nodes;

using var http = new HttpClient { BaseAddress = new Uri(args.Length > 0 ? args[0] : "http://localhost:8080") };
var request = new
{
    prompt = args.Length > 1 ? args[1] : "first",
    inputs = new object[]
    {
        new { sentence = "a clumsy script drowns the few honest moments ." }, // fills the prompt's template
        "two brothers travel to paris to find their father .", // the model input
    },
};
using var response = await http.PostAsJsonAsync("/v1/predict", request);
var answer = await response.Content.ReadFromJsonAsync<JsonObject>();
if (!response.IsSuccessStatusCode)
{
    Console.Error.WriteLine($"{(int)response.StatusCode}: {answer?["detail"]}");
    return 1;
}

foreach (var prediction in answer!["predictions"]!.AsArray())
    Console.WriteLine($"{prediction!["label"]}  {prediction["probabilities"]}");
return 0;

namespace ResidualPrompts.ComparePrograms;

/// <summary>Requests to <c>serve</c>, sent one after another, so that no answer depends on other rows in its batch.</summary>
internal static class Requests
{
    internal static async Task Run(Session session)
    {
        session.CopyFolder("runs/plain/adapter", "served/plain");
        session.CopyFolder("runs/mlp/adapter", "served/mlp");
        session.CopyFolder("runs/wsc/adapter", "served/wsc");
        session.CopyFolder("runs/weights/adapter", "served/of-other-weights");
        session.CopyFolder("runs/plain/adapter", "served/damaged");
        File.WriteAllText(session.In("work/served/damaged/adapter_model.safetensors"), "damaged");
        const string Text = "\"two brothers travel to paris .\"", Row = "{\"sentence\": \"a clumsy script .\"}";
        const string Served = "serve --model t5-nano --prompts served --runs runs --max-body 3000 --max-rows 8 --max-labels 4";
        await using (var server = await Server.Start(session, "serve", Served))
        {
            foreach (var (name, path) in new[]
            {
                ("live", "/health/live"), ("ready", "/health/ready"), ("prompts", "/v1/prompts"), ("runs", "/v1/runs"), 
                ("openapi", "/openapi/v1.json"), ("page", "/"), ("nothing", "/v1/nothing"),
            })
                await server.Ask(name, HttpMethod.Get, path);
            foreach (var (name, body) in new[]
            {
                ("text", $$"""{"prompt": "mlp", "inputs": [{{Text}}]}"""),
                ("rows", $$"""{"prompt": "plain", "inputs": [{{Row}}, {{Text}}, {"sentence": "she leaves the town at night ."}]}"""),
                ("none", $$"""{"prompt": "none", "inputs": [{{Text}}], "labels": ["review", "story", "poem"]}"""),
                ("labels", $$"""{"prompt": "mlp", "inputs": [{{Row}}], "labels": ["good", "bad"]}"""),
                ("ensemble", $$"""{"prompts": ["mlp", "plain"], "inputs": [{{Row}}, {{Text}}]}"""),
                ("vote", $$"""{"prompts": ["plain", "mlp", "none"], "inputs": [{{Text}}], "labels": ["review", "story"], "ensemble": "vote"}"""),
                ("open", $$"""{"prompt": "wsc", "inputs": [{{Text}}]}"""),
                ("unknown-prompt", $$"""{"prompt": "nobody", "inputs": [{{Text}}]}"""),
                ("damaged-prompt", $$"""{"prompt": "damaged", "inputs": [{{Text}}]}"""),
                ("no-prompt", $$"""{"inputs": [{{Text}}]}"""),
                ("broken-json", """{"prompt": "mlp", """),
                ("unknown-field", $$"""{"prompt": "mlp", "inputs": [{{Text}}], "temperature": 1}"""),
                ("missing-field", """{"prompt": "mlp", "inputs": [{"text": "a"}]}"""),
                ("wrong-kind", """{"prompt": "mlp", "inputs": "a text"}"""),
                ("no-inputs", """{"prompt": "mlp", "inputs": []}"""),
                ("wrong-ensemble", $$"""{"prompts": ["mlp"], "inputs": [{{Text}}], "ensemble": "max"}"""),
                ("too-many-rows", $$"""{"prompt": "mlp", "inputs": [{{string.Join(", ", Enumerable.Repeat(Text, 9))}}]}"""),
                ("too-many-labels", $$"""{"prompt": "mlp", "inputs": [{{Text}}], "labels": ["a", "b", "c", "d", "e"]}"""),
                ("too-many-tokens", $$"""{"prompt": "mlp", "inputs": ["{{string.Concat(Enumerable.Repeat("film ", 550))}}"]}"""),
                ("too-long-body", $$"""{"prompt": "mlp", "inputs": ["{{new string('a', 4000)}}"]}"""),
                ("empty-body", ""),
            })
                await server.Ask($"predict-{name}", HttpMethod.Post, "/v1/predict", body);
            await server.Ask("predict-by-get", HttpMethod.Get, "/v1/predict");
            foreach (var (name, body) in new[]
            {
                ("generate", $$"""{"prompt": "wsc", "inputs": [{{Text}}, "a short text"], "max_new_tokens": 6}"""),
                ("generate-none", $$"""{"prompt": "none", "inputs": [{{Text}}]}"""),
                ("generate-too-long", $$"""{"prompt": "mlp", "inputs": [{{Text}}], "max_new_tokens": 1000}"""),
            })
                await server.Ask(name, HttpMethod.Post, "/v1/generate", body);
            await server.Ask("put-without-keys", HttpMethod.Put, "/v1/prompts/mlp");
        }

        const string ServedWithKeys = "serve --model runs/full --prompts served --allow-mismatch --api-keys ../inputs/keys.txt";
        await using (var server = await Server.Start(session, "serve-keys", ServedWithKeys))
        {
            await server.Ask("keys-prompts-without", HttpMethod.Get, "/v1/prompts");
            server.UseKey("sixteen-characters-or-more");
            await server.Ask("keys-prompts", HttpMethod.Get, "/v1/prompts");
            await server.Ask("keys-predict", HttpMethod.Post, "/v1/predict", $$"""{"prompt": "none", "inputs": [{{Text}}, {{Row}}]}""");
            await server.Ask("keys-delete", HttpMethod.Delete, "/v1/prompts/mlp");
            await server.Ask("keys-predict-deleted", HttpMethod.Post, "/v1/predict", $$"""{"prompt": "mlp", "inputs": [{{Text}}]}""");
            await server.Ask("keys-put", HttpMethod.Put, "/v1/prompts/mlp");
            await server.Ask("keys-put-unknown", HttpMethod.Put, "/v1/prompts/nobody");
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using ResidualPrompts.Server.Catalog;
using ResidualPrompts.Server.Features.Generate;
using ResidualPrompts.Server.Features.Health;
using ResidualPrompts.Server.Features.Metrics;
using ResidualPrompts.Server.Features.Page;
using ResidualPrompts.Server.Features.Predict;
using ResidualPrompts.Server.Features.Prompts;
using ResidualPrompts.Server.Features.Runs;
using ResidualPrompts.Server.Http;
using ResidualPrompts.Server.Scheduling;

namespace ResidualPrompts.Server;

/// <summary>Serves a model and its prompts inside an ASP.NET Core app.</summary>
public static class PromptServingExtensions
{
    /// <summary>
    /// Adds one model and the prompts of a directory. They are loaded when the app starts and freed when it is disposed. Also adds two health
    /// checks: <c>residual-prompts</c> (tag <c>live</c>) and <c>residual-prompts-ready</c> (tag <c>ready</c>).
    /// </summary>
    /// <remarks>
    /// Starting the app throws an <see cref="OptionsValidationException"/> if an option is out of range, and an
    /// <see cref="InputException"/> if the model, the keys or a directory cannot be used.
    /// </remarks>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Sets the options, at least the model or the directory of runs.</param>
    /// <exception cref="InvalidOperationException">The method was called before; an app serves one model.</exception>
    public static IServiceCollection AddPromptServing(this IServiceCollection services, Action<PromptServingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddValidatedServing(options => options.Configure(configure));
    }

    /// <summary>
    /// Adds one model and the prompts of a directory, with options from a configuration section. Keys are the names of the properties; an unknown
    /// key makes the start fail.
    /// </summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configuration">For example <c>builder.Configuration.GetSection("PromptServing")</c>. Read once, at startup.</param>
    /// <exception cref="InvalidOperationException">The method was called before; an app serves one model.</exception>
    public static IServiceCollection AddPromptServing(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        return services.AddValidatedServing(options => options.Bind(configuration, binder => binder.ErrorOnUnknownConfiguration = true));
    }

    /// <summary>
    /// Maps the endpoints for serving below a prefix: <c>/v1/…</c>, <c>/health/live</c>, <c>/health/ready</c>, <c>/metrics</c>, and a web page at
    /// the prefix itself. Headers, API keys, error bodies and metrics apply to these endpoints only; the app's other endpoints are unaffected.
    /// </summary>
    /// <param name="endpoints">The app.</param>
    /// <param name="prefix">Path prefix, for example <c>/prompts</c>; empty = the root.</param>
    /// <returns>
    /// The group of all endpoints, for <c>RequireAuthorization</c>, <c>RequireHost</c>, <c>ExcludeFromDescription</c> and the like.
    /// </returns>
    /// <exception cref="InvalidOperationException"><see cref="AddPromptServing(IServiceCollection, Action{PromptServingOptions})"/> was not
    /// called.</exception>
    public static RouteGroupBuilder MapPromptServing(this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(prefix);
        if (endpoints.ServiceProvider.GetService<ServingLifetime>() is null)
            throw new InvalidOperationException("MapPromptServing has nothing to map: call builder.Services.AddPromptServing(...) first.");
        var group = endpoints.MapGroup(prefix);
        ((IEndpointConventionBuilder)group).Add(builder =>
        {
            var inner = builder.RequestDelegate!;
            builder.RequestDelegate = context =>
                context.RequestServices.GetRequiredService<ProblemDetailsMiddleware>()
                    .HandleAsync(context, inner, RequestRules.Of(context.GetEndpoint()));
        });
        group.MapServing();
        return group;
    }

    /// <summary>Maps the endpoints without the surrounding middleware.</summary>
    internal static void MapServing(this IEndpointRouteBuilder endpoints)
    {
        var keyed = endpoints.MapGroup("").WithMetadata(RequestRules.Keyed);
        PredictEndpoint.Map(keyed);
        GenerateEndpoint.Map(keyed);
        PromptEndpoints.Map(keyed);
        RunEndpoints.Map(keyed, endpoints.ServiceProvider.GetRequiredService<SettingNames>());
        HealthEndpoints.Map(endpoints.MapGroup("").WithMetadata(RequestRules.Quiet));
        MetricsEndpoint.Map(keyed);
        PageEndpoint.Map(endpoints);
    }

    /// <summary>Adds everything except the options, which the caller adds.</summary>
    internal static IServiceCollection AddServing(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ServingLifetime)))
            throw new InvalidOperationException(
                "AddPromptServing was called twice, but an app serves one model: "
                + "put all options into one call, or serve the other model from another app.");
        services.TryAddSingleton(SettingNames.Properties);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new ServingLog(provider.GetRequiredService<ILoggerFactory>(), ServingLog.Prefix));
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<PromptServingOptions>>().Value);
        services.AddSingleton(provider =>
            ApiKeys.Load(provider.GetRequiredService<PromptServingOptions>().KeysFile, provider.GetRequiredService<SettingNames>()));
        services.AddSingleton(provider => provider.GetRequiredService<PromptServingOptions>() is { ShowsRunsOnly: false } options
            ? ServedModel.Load(options.Model)
            : throw RequestProblem.RunsOnly(provider.GetRequiredService<SettingNames>().Usage(nameof(PromptServingOptions.Model))));
        services.AddSingleton<ClientText>().AddSingleton<PromptCatalog>().AddSingleton<PromptReader>().AddSingleton<PromptDirectory>();
        services.AddSingleton<PredictEndpoint>().AddSingleton<GenerateEndpoint>().AddSingleton<PromptEndpoints>().AddSingleton<RunEndpoints>();
        services.AddSingleton<RunListing>();
        services.AddSingleton<TensorQueue>().AddSingleton<TensorThread>();
        services.AddSingleton<RunFolder>().AddSingleton<InputEncoder>().AddSingleton<ServerMetrics>().AddSingleton<ProblemDetailsMiddleware>();
        services.AddSingleton<ServingLifetime>().AddHostedService(provider => provider.GetRequiredService<ServingLifetime>());
        services.AddHealthChecks().AddCheck<LivenessCheck>("residual-prompts", tags: ["live"])
            .AddCheck<ReadinessCheck>("residual-prompts-ready", tags: ["ready"]);
        return services;
    }

    private static IServiceCollection AddValidatedServing(this IServiceCollection services, Action<OptionsBuilder<PromptServingOptions>> configure)
    {
        services.AddServing();
        services.AddSingleton<IValidateOptions<PromptServingOptions>, OptionsValidator>();
        configure(services.AddOptions<PromptServingOptions>().ValidateOnStart());
        return services;
    }

    private sealed class OptionsValidator(SettingNames names) : IValidateOptions<PromptServingOptions>
    {
        public ValidateOptionsResult Validate(string? name, PromptServingOptions options) =>
            options.Problems(names).ToArray() is { Length: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
    }
}

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ResidualPrompts.Server.Features.Health;

/// <summary>Unhealthy when the thread that computes has ended, which only a restart mends.</summary>
internal sealed class LivenessCheck(ServingLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.IsLive
        ? HealthCheckResult.Healthy("The tensor thread lives.")
        : new HealthCheckResult(context.Registration.FailureStatus, "The tensor thread has ended."));
}

/// <summary>Unhealthy until the model and the prompts are loaded, and again from when the app stops.</summary>
internal sealed class ReadinessCheck(ServingLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.IsReady
        ? HealthCheckResult.Healthy("The model is loaded and requests are taken.")
        : new HealthCheckResult(context.Registration.FailureStatus, "Requests are not taken yet, or not any more."));
}

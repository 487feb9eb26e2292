using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ResidualPrompts.Server.Features.Health;

/// <summary>Unhealthy if the tensor thread has ended; only a restart fixes that.</summary>
internal sealed class LivenessCheck(ServingLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.IsLive
        ? HealthCheckResult.Healthy("The tensor thread is running.")
        : new HealthCheckResult(context.Registration.FailureStatus, "The tensor thread has ended."));
}

/// <summary>Unhealthy until the model and the prompts are loaded, while a batch does not end, and once the app is stopping.</summary>
internal sealed class ReadinessCheck(ServingLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.Problem is not { } problem
        ? HealthCheckResult.Healthy("The model is loaded and requests are accepted.")
        : new HealthCheckResult(context.Registration.FailureStatus, problem.Message));
}

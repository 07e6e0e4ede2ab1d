using Microsoft.Extensions.Options;

namespace Mlops.Inference.Admission;

/// <summary>
/// Leaves in order: first this replica says that it is not ready, and goes on answering for as long as balancers take to notice;
/// then the server stops taking connections and answers what is under way; models go last.
/// </summary>
internal sealed class Draining(ModelHost host, IOptions<InferenceOptions> options, TimeProvider time) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        host.AnnounceEnd();
        if (options.Value.Admission.DrainDelaySeconds is var seconds and > 0)
            await Task.Delay(TimeSpan.FromSeconds(seconds), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

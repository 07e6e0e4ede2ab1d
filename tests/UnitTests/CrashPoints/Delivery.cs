using Microsoft.Extensions.DependencyInjection;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>Something that a process does between taking a message or a piece of work and saying that it is done.</summary>
/// <param name="Handler">Who does it.</param>
/// <param name="Origin">A folder with the state in which it is done.</param>
/// <param name="At">When.</param>
/// <param name="RunAsync">Does it.</param>
internal sealed record Delivery(string Handler, string Origin, DateTimeOffset At, Func<SimulatedProcess, Task> RunAsync)
{
    /// <summary>What happens in the process's next life: the same again, unless that is not how it goes on.</summary>
    public Func<SimulatedProcess, Task> RecoverAsync { get; init; } = RunAsync;

    /// <summary>Whether each life of the process says what it did, even if that is the same.</summary>
    public bool MayRepeat { get; init; }

    /// <summary>What a process has beside the services.</summary>
    public Action<IServiceCollection>? Configure { get; init; }
}
